import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// The messages that a connection of a test has received and that no statement has consumed yet.
///
/// The task that reads the connection adds messages, and the test removes them. Messages, pings and pongs are consumed
/// independently.
final class Inbox: Sendable {
    /// The state of the connection.
    enum Phase: Sendable {
        case connecting
        case open(Connection)
        case failed(Explanation)
        case ended(CloseOutcome)
    }

    /// The received messages and control frames.
    struct Content: Sendable {
        fileprivate(set) var phase: Phase = .connecting
        fileprivate(set) var connection: Connection?
        /// The payloads of received pings and pongs.
        var pings: [[UInt8]] = []
        var pongs: [[UInt8]] = []
        private var messages = CircularBuffer<ScriptMessage>()
        /// The memory used by the messages, in bytes.
        fileprivate private(set) var size = 0

        /// Removes and returns the next message.
        mutating func takeMessage() -> ScriptMessage? {
            let message = messages.popFirst()
            size -= message.map(Inbox.size(of:)) ?? 0
            return message
        }

        fileprivate mutating func append(_ message: ScriptMessage) {
            messages.append(message)
            size += Inbox.size(of: message)
        }

        fileprivate mutating func removeMessages() {
            messages.removeAll()
            size = 0
        }
    }

    private struct State {
        var content = Content()
        var isDiscarding = false
        /// The number of changes, which prevents a change between looking and waiting from being missed.
        var changes = 0
        /// The waiting test; resumed with true after a change, and with false when its time is up.
        var taker: CheckedContinuation<Bool, Never>?
        /// The waiting reading task; resumed when there is room again.
        var reader: CheckedContinuation<Void, Never>?
    }

    /// The number of bytes from which the connection is no longer read, which makes the peer wait.
    private static let room = 64 << 20
    /// The memory used by a message in addition to its payload; it bounds floods of empty messages.
    private static let messageOverhead = 256
    /// The maximum number of unconsumed pings or pongs to keep.
    private static let controlFrames = 1000
    private let state = Mutex(State())
    private let trace: ConnectionTrace?

    init(_ trace: ConnectionTrace? = nil) {
        self.trace = trace
    }

    /// The connection, even if it has ended; nil if it was never opened.
    var connection: Connection? { state.withLock { $0.content.connection } }

    // MARK: The reading task

    /// Records the state of the connection.
    ///
    /// - Returns: whether the test still needs the connection.
    @discardableResult
    func enter(_ phase: Phase) -> Bool {
        var isWanted = true
        change { state in
            state.content.phase = phase
            if case .open(let connection) = phase { state.content.connection = connection }
            isWanted = !state.isDiscarding
        }
        return isWanted
    }

    /// Reads a connection until it ends.
    func receive(from connection: Connection) async {
        do {
            for try await inbound in connection.inbound {
                trace?.note(inbound)
                put(inbound)
                if inbound.outcome != nil { return }
                await roomForMore()
            }
            enter(.ended(.lost(reason: nil, whileClosing: false)))
        } catch {
            enter(.ended(.lost(reason: "\(error)", whileClosing: false)))
        }
    }

    private func put(_ inbound: Inbound) {
        change { state in
            for entry in inbound.batch.entries where !state.isDiscarding {
                let payload = inbound.batch.payload(of: entry)
                switch entry.kind {
                case .text, .binary:
                    state.content.append(ScriptMessage(isText: entry.kind == .text, payload: payload))
                case .ping: Self.keep(payload, &state.content.pings)
                case .pong: Self.keep(payload, &state.content.pongs)
                }
            }
            if let ending = inbound.outcome { state.content.phase = .ended(ending) }
        }
    }

    fileprivate static func size(of message: ScriptMessage) -> Int { message.payload.readableBytes + messageOverhead }

    private static func keep(_ payload: ByteBuffer, _ frames: inout [[UInt8]]) {
        frames.append(Array(payload.readableBytesView))
        if frames.count > controlFrames { frames.removeFirst() }
    }

    private func change(_ body: (inout State) -> Void) {
        let taker = state.withLock { state in
            body(&state)
            state.changes += 1
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume(returning: true)
    }

    private func roomForMore() async {
        await withCheckedContinuation { continuation in
            let isFull = state.withLock { state in
                guard state.content.size > Self.room, !state.isDiscarding else { return false }
                state.reader = continuation
                return true
            }
            if !isFull { continuation.resume() }
        }
    }

    /// Drops all messages, and those that still arrive.
    func discard() {
        let reader = state.withLock { state in
            state.isDiscarding = true
            state.content.removeMessages()
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    // MARK: The test

    /// Removes an item as soon as it is available.
    ///
    /// - Parameters:
    ///   - limit: the maximum time to wait.
    ///   - loop: the event loop for the timer.
    ///   - pick: removes the item from the content; returns nil if it is not there.
    /// - Returns: the result of `pick`; nil if the time is up or the task was canceled.
    func take<Result>(
        within limit: Duration,
        on loop: any EventLoop,
        _ pick: (inout Content) -> Result?
    ) async -> Result? {
        let deadline = NIODeadline.now() + .nanoseconds(Int64(limit / .nanoseconds(1)))
        while true {
            var seen = 0
            var reader: CheckedContinuation<Void, Never>?
            let result = state.withLock { state in
                seen = state.changes
                let result = pick(&state.content)
                if state.content.size <= Self.room { swap(&reader, &state.reader) }
                return result
            }
            reader?.resume()
            if let result { return result }
            // Other items may keep arriving, so check the deadline here too.
            guard NIODeadline.now() < deadline, !Task.isCancelled else { return nil }
            guard await waitForChange(after: seen, before: deadline, on: loop) else { return nil }
        }
    }

    /// Waits for a change; returns false if there was none before the deadline.
    private func waitForChange(after seen: Int, before deadline: NIODeadline, on loop: any EventLoop) async -> Bool {
        let timer = loop.scheduleTask(deadline: deadline) { [self] in giveUp(after: seen) }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    guard state.changes == seen else { return true }
                    state.taker = continuation
                    return false
                }
                if isThere { return continuation.resume(returning: true) }
                if Task.isCancelled || NIODeadline.now() >= deadline { giveUp(after: seen) }
            }
        } onCancel: {
            giveUp(after: seen)
        }
    }

    /// Ends the wait if nothing has changed.
    private func giveUp(after seen: Int) {
        let taker = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.changes == seen else { return nil }
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume(returning: false)
    }
}
