import NIOCore
import Synchronization

/// What comes from the peer, in order. There is only one reader.
///
/// A server is read no faster than this is: while some arrivals wait, the socket is left alone. `NIOAsyncChannel`'s sequence
/// does the same for elements of any type, and takes longer over each than all else that is done for a small message.
public final class InboundStream: AsyncSequence, Sendable {
    /// What comes at once.
    public typealias Element = Inbound
    /// A reader whose task is cancelled.
    public typealias Failure = CancellationError

    private typealias Reader = UnsafeContinuation<Result<Inbound?, CancellationError>, Never>

    private struct State: Sendable {
        var waiting = CircularBuffer<Inbound>()
        var reader: Reader?
        /// Whether a read was held back, to be made up for when the reader wants more.
        var owesRead = false
        var isCancelled = false
        var hasEnded = false
    }

    /// InboundStream kept for a reader that is behind, before the socket is no longer read.
    private static let capacity = 4

    private let channel: any Channel
    private let state = Mutex(State())
    private let taker: NIOLoopBoundBox<((Inbound) -> Bool)?>

    init(_ channel: any Channel) {
        self.channel = channel
        taker = .makeEmptyBox(eventLoop: channel.eventLoop)
    }

    /// What is asked to take an arrival while the reader waits for one; returns false to leave it to the reader.
    ///
    /// To be set, and called, on the event loop, where it must not block: what can be dealt with there needs no task to be
    /// woken.
    public var takesAtOnce: ((Inbound) -> Bool)? {
        get { taker.value }
        set { taker.value = newValue }
    }

    /// Whether the reader is not too far behind; else a read of the channel follows as soon as it has caught up.
    var takesMore: Bool {
        state.withLock { state in
            guard state.waiting.count >= Self.capacity else { return true }
            state.owesRead = true
            return false
        }
    }

    /// Hands an arrival to the reader.
    func append(_ arrival: Inbound) {
        if state.withLock({ $0.reader != nil }), let taker = taker.value, taker(arrival) { return }
        let reader = state.withLock { state -> Reader? in
            guard !state.isCancelled else { return nil }
            if let reader = state.reader.take() { return reader }
            state.waiting.append(arrival)
            return nil
        }
        reader?.resume(returning: .success(arrival))
    }

    /// Lets the reader find the end behind what waits.
    func finish() {
        let reader = state.withLock { state in
            state.hasEnded = true
            return state.reader.take()
        }
        reader?.resume(returning: .success(nil))
    }

    /// Returns the reader's end of the queue.
    public func makeAsyncIterator() -> Iterator { Iterator(arrivals: self) }

    /// The reader's end.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let arrivals: InboundStream

        /// Waits for the next arrival.
        ///
        /// - Returns: the arrival, or nil after the last one.
        /// - Throws: `CancellationError` when the task is cancelled.
        public func next() async throws(CancellationError) -> Inbound? {
            try await next(isolation: nil)
        }

        /// Waits for the next arrival.
        ///
        /// - Parameter actor: the actor that the caller runs on.
        /// - Returns: the arrival, or nil after the last one.
        /// - Throws: `CancellationError` when the task is cancelled.
        public func next(isolation actor: isolated (any Actor)?) async throws(CancellationError) -> Inbound? {
            if let result = arrivals.take(nil) { return try result.get() }
            return try await withTaskCancellationHandler {
                await withUnsafeContinuation(isolation: actor) { reader in
                    if let result = arrivals.take(reader) { reader.resume(returning: result) }
                }
            } onCancel: {
                arrivals.cancel()
            }.get()
        }
    }

    /// Takes what there is to be had without waiting; leaves the reader to wait for what comes otherwise.
    private func take(_ reader: Reader?) -> Result<Inbound?, CancellationError>? {
        let (result, owedRead) = state.withLock { state -> (Result<Inbound?, CancellationError>?, Bool) in
            if state.isCancelled { return (.failure(CancellationError()), false) }
            if let arrival = state.waiting.popFirst() {
                guard state.waiting.isEmpty, state.owesRead else { return (.success(arrival), false) }
                state.owesRead = false
                return (.success(arrival), true)
            }
            if state.hasEnded { return (.success(nil), false) }
            precondition(reader == nil || state.reader == nil, "arrivals have one reader")
            state.reader = reader
            return (nil, false)
        }
        if owedRead { channel.read() }
        return result
    }

    private func cancel() {
        let reader = state.withLock { state in
            state.isCancelled = true
            state.waiting.removeAll()
            return state.reader.take()
        }
        reader?.resume(returning: .failure(CancellationError()))
    }
}
