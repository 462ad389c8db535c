import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// The messages that a connection of a test has received and no statement has asked for yet.
///
/// The task that reads the connection puts it in, the test takes it out; messages, pings and pongs are asked for
/// separately.
final class Inbox: Sendable {
    /// How the connection stands.
    enum Phase: Sendable {
        case connecting
        case open(Connection)
        case failed(Explanation)
        case ended(CloseOutcome)
    }

    /// What is there to be taken.
    struct Content: Sendable {
        fileprivate(set) var phase: Phase = .connecting
        fileprivate(set) var connection: Connection?
        /// The payloads of pings and pongs.
        var pings: [[UInt8]] = []
        var pongs: [[UInt8]] = []
        private var messages = CircularBuffer<ScriptMessage>()
        /// The memory that the messages take.
        fileprivate private(set) var size = 0

        /// Takes the next message out.
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
        /// Counts what came, so that nothing is missed between a look and a wait.
        var changes = 0
        /// Goes on when something has come (true) or the time is over (false).
        var taker: CheckedContinuation<Bool, Never>?
        /// Goes on when there is room again.
        var reader: CheckedContinuation<Void, Never>?
    }

    /// How much memory messages may take before the connection is no longer read, so that the peer has to wait.
    private static let room = 64 << 20
    /// What a message takes beside its payload: a flood of empty ones is a flood, too.
    private static let messageOverhead = 256
    /// How many pings or pongs that nobody asks for are kept.
    private static let controlFrames = 1000
    private let state = Mutex(State())

    /// The connection once it was opened, even if it has ended since.
    var connection: Connection? { state.withLock { $0.content.connection } }

    // MARK: The reading task

    /// Notes how the connection stands.
    ///
    /// - Returns: whether the test still wants it.
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

    /// Reads a connection to its end.
    func receive(from connection: Connection) async {
        do {
            for try await inbound in connection.inbound {
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

    /// Drops what is there and what still comes.
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

    /// Takes something out as soon as it is there.
    ///
    /// - Parameters:
    ///   - limit: how long it is waited for.
    ///   - loop: has the timer.
    ///   - pick: takes it out of the content; returns nil when it is not there.
    /// - Returns: what `pick` returned; nil when the time is over, or the task is cancelled.
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
            // Something else may come all the time.
            guard NIODeadline.now() < deadline, !Task.isCancelled else { return nil }
            guard await somethingComes(after: seen, before: deadline, on: loop) else { return nil }
        }
    }

    /// Returns false when nothing has come until the deadline.
    private func somethingComes(after seen: Int, before deadline: NIODeadline, on loop: any EventLoop) async -> Bool {
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

    /// Ends a wait in which nothing has come.
    private func giveUp(after seen: Int) {
        let taker = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.changes == seen else { return nil }
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume(returning: false)
    }
}
