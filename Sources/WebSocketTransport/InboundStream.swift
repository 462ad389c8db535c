import NIOCore
import Synchronization
import WebSocketProtocol

/// What a connection receives, in order, for one reader.
///
/// The reader is a task that iterates, or a handler on the connection's event loop (`forEach`). The peer is read no faster
/// than its reader: while some batches wait, or `isPaused` holds, the socket is left alone.
public final class InboundStream: AsyncSequence, Sendable {
    /// What was received at once.
    public typealias Element = Inbound
    /// The error of a reader whose task is canceled.
    public typealias Failure = CancellationError

    private typealias Reader = UnsafeContinuation<Result<Inbound?, CancellationError>, Never>

    private struct State: Sendable {
        var waiting = CircularBuffer<Inbound>()
        /// The size of `waiting` in memory.
        var bytes = 0
        var reader: Reader?
        /// Whether a read was held back, to be made up for when the reader wants more.
        var owesRead = false
        var isPaused = false
        var isCanceled = false
        var hasEnded = false

        var isFull: Bool {
            isPaused || waiting.count >= InboundStream.capacity || bytes >= InboundStream.byteCapacity
        }
    }

    /// The batches, and their payload bytes, that wait for a slow reader before the socket is left alone. A batch is at most
    /// 1 MiB, or one message that is longer.
    private static let capacity = 4
    private static let byteCapacity = 4 << 20

    private let eventLoop: any EventLoop
    private let state = Mutex(State())
    private let handler: NIOLoopBoundBox<((Inbound) -> Void)?>
    private let onDemand: NIOLoopBoundBox<() -> Void>

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        handler = .makeEmptyBox(eventLoop: eventLoop)
        onDemand = NIOLoopBoundBox({}, eventLoop: eventLoop)
    }

    // MARK: The connection's side, on its event loop

    /// Calls `demand` when the reader wants more after a read was held back.
    func setDemand(_ demand: @escaping () -> Void) {
        onDemand.value = demand
    }

    /// Whether more may be read; if not, the demand follows as soon as the reader has caught up.
    func takesMore() -> Bool {
        state.withLock { state in
            guard state.isFull else { return true }
            state.owesRead = true
            return false
        }
    }

    /// Hands a batch to the reader.
    func append(_ inbound: Inbound) {
        if let handler = handler.value { return handler(inbound) }
        let reader = state.withLock { state -> Reader? in
            guard !state.isCanceled else { return nil }
            if let reader = state.reader.take() { return reader }
            state.waiting.append(inbound)
            state.bytes += inbound.batch.footprint
            return nil
        }
        reader?.resume(returning: .success(inbound))
    }

    /// Ends the stream behind what waits.
    func finish() {
        let reader = state.withLock { state in
            state.hasEnded = true
            return state.reader.take()
        }
        reader?.resume(returning: .success(nil))
    }

    // MARK: A reader on the event loop

    /// Calls a handler with everything received from now on; on the event loop, instead of iterating.
    ///
    /// - Parameter body: takes a batch. It must not block; to slow the peer down it sets `isPaused`.
    public func forEach(_ body: @escaping (Inbound) -> Void) {
        handler.value = body
        while case .success(let inbound?) = take(nil) { body(inbound) }
        demandIfOwed()
    }

    /// Whether the handler of `forEach` wants nothing more for now.
    public var isPaused: Bool {
        get { state.withLock { $0.isPaused } }
        set {
            state.withLock { $0.isPaused = newValue }
            if !newValue { demandIfOwed() }
        }
    }

    private func demandIfOwed() {
        let owedRead = state.withLock { state in
            guard !state.isFull else { return false }
            defer { state.owesRead = false }
            return state.owesRead
        }
        guard owedRead else { return }
        eventLoop.execute { [onDemand] in onDemand.value() }
    }

    // MARK: A reader that iterates

    /// Returns the reader's end of the queue.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    /// The reader's end.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let stream: InboundStream

        /// Waits for the next batch.
        ///
        /// - Returns: the batch, or nil after the last one.
        /// - Throws: `CancellationError` when the task is canceled.
        public func next() async throws(CancellationError) -> Inbound? {
            try await next(isolation: nil)
        }

        /// Waits for the next batch.
        ///
        /// - Parameter actor: the actor that the caller runs on.
        /// - Returns: the batch, or nil after the last one.
        /// - Throws: `CancellationError` when the task is canceled.
        public func next(isolation actor: isolated (any Actor)?) async throws(CancellationError) -> Inbound? {
            if let result = stream.take(nil) { return try result.get() }
            return try await withTaskCancellationHandler {
                await withUnsafeContinuation(isolation: actor) { reader in
                    if let result = stream.take(reader) { reader.resume(returning: result) }
                }
            } onCancel: {
                stream.cancel()
            }.get()
        }
    }

    /// Takes what is there; otherwise leaves the reader to wait.
    private func take(_ reader: Reader?) -> Result<Inbound?, CancellationError>? {
        let result = state.withLock { state -> Result<Inbound?, CancellationError>? in
            if state.isCanceled { return .failure(CancellationError()) }
            if let inbound = state.waiting.popFirst() {
                state.bytes -= inbound.batch.footprint
                return .success(inbound)
            }
            if state.hasEnded { return .success(nil) }
            precondition(reader == nil || state.reader == nil, "an inbound stream has one reader")
            state.reader = reader
            return nil
        }
        if state.withLock({ $0.waiting.isEmpty }) { demandIfOwed() }
        return result
    }

    private func cancel() {
        let reader = state.withLock { state in
            state.isCanceled = true
            state.waiting.removeAll()
            return state.reader.take()
        }
        reader?.resume(returning: .failure(CancellationError()))
    }
}
