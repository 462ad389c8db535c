import NIOCore
import Synchronization
import WebSocketProtocol

/// The sequence of batches that a connection receives, for a single reader.
///
/// The reader is either a task that iterates over the stream, or a handler on the connection's event loop (`forEach`).
/// The connection stops reading the socket while too many batches are waiting or `isPaused` is true.
public final class InboundStream: AsyncSequence, Sendable {
    /// A batch with the time it was received.
    public typealias Element = Inbound
    /// The error that is thrown when the reader's task is canceled.
    public typealias Failure = CancellationError

    private typealias Reader = UnsafeContinuation<Result<Inbound?, CancellationError>, Never>

    private struct State: Sendable {
        var waiting = CircularBuffer<Inbound>()
        /// The size of `waiting` in memory, in bytes.
        var bytes = 0
        var reader: Reader?
        /// Whether a read was withheld, which must be requested once the reader catches up.
        var owesRead = false
        var isPaused = false
        var isCanceled = false
        var hasEnded = false

        var isFull: Bool {
            isPaused || waiting.count >= InboundStream.capacity || bytes >= InboundStream.byteCapacity
        }
    }

    /// The limits for waiting batches, in batches and in bytes, at which the connection stops reading the socket. A
    /// batch has at most 1 MiB and one more message.
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

    // MARK: The connection, on its event loop

    /// Sets the closure to call when the reader has caught up after a read was withheld.
    func setDemand(_ demand: @escaping () -> Void) {
        onDemand.value = demand
    }

    /// Whether the connection may read more; if not, the demand closure is called when the reader has caught up.
    func takesMore() -> Bool {
        state.withLock { state in
            guard state.isFull else { return true }
            state.owesRead = true
            return false
        }
    }

    /// Passes a batch to the reader.
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

    /// Ends the stream after the waiting batches.
    func finish() {
        let reader = state.withLock { state in
            state.hasEnded = true
            return state.reader.take()
        }
        reader?.resume(returning: .success(nil))
    }

    // MARK: A reader on the event loop

    /// Calls `body` with every batch from now on. Call this on the event loop, instead of iterating.
    ///
    /// - Parameter body: a closure that handles a batch. It must not block; to slow down the peer, it sets `isPaused`.
    public func forEach(_ body: @escaping (Inbound) -> Void) {
        handler.value = body
        while case .success(let inbound?) = take(nil) { body(inbound) }
        demandIfOwed()
    }

    /// Whether the handler of `forEach` accepts no more batches for now.
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

    /// Creates the iterator of the reader.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    /// An iterator over the received batches.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let stream: InboundStream

        /// Waits for the next batch and returns it.
        ///
        /// - Returns: the batch; nil after the last one.
        /// - Throws: `CancellationError` when the task is canceled.
        public func next() async throws(CancellationError) -> Inbound? {
            try await next(isolation: nil)
        }

        /// Waits for the next batch and returns it.
        ///
        /// - Parameter actor: the actor on which the caller runs.
        /// - Returns: the batch; nil after the last one.
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

    /// Returns the result if there is one; otherwise registers the reader and returns nil.
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
