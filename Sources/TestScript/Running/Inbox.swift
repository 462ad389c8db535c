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
        case failed(Explanation, ConnectError?)
        case ended(CloseOutcome)
    }

    struct State {
        var content = Content()
        var rules: [MessageRule] = []
        /// The number of changes of the rules, which prevents a new rule from being missed.
        var ruleChanges = 0
        fileprivate(set) var isDiscarding = false
        /// The number of changes, which prevents a change between looking and waiting from being missed.
        fileprivate var changes = 0
        /// The waiting test; resumed with true after a change, and with false when its time is up.
        fileprivate var taker: CheckedContinuation<Bool, Never>?
        /// The waiting reading task; resumed when there is room again.
        fileprivate var reader: CheckedContinuation<Void, Never>?
    }

    /// The number of bytes from which the connection is no longer read, which makes the peer wait.
    private static let room = 64 << 20
    /// The maximum number of unconsumed pings or pongs to keep.
    private static let controlFrames = 1000
    private let state = Mutex(State())
    let trace: ConnectionTrace?

    init(_ trace: ConnectionTrace? = nil) {
        self.trace = trace
    }

    /// The connection, even if it has ended; nil if it was never opened.
    var connection: Connection? { state.withLock { $0.content.connection } }

    /// Whether the connection is open.
    var isOpen: Bool { state.withLock { if case .open = $0.content.phase { true } else { false } } }

    /// The reason why the connection was not opened, if it is a `ConnectError`.
    var connectError: ConnectError? {
        state.withLock { state in
            if case .failed(_, let error) = state.content.phase { error } else { nil }
        }
    }

    /// The failure of a rule.
    var fault: TestFailure? { state.withLock { $0.content.fault } }

    /// Keeps all messages from here on, for prohibitions.
    func keepHistory() { change { $0.content.keepHistory() } }

    // MARK: The reading task

    /// Records the state of the connection.
    ///
    /// - Returns: whether the test still needs the connection.
    @discardableResult
    func enter(_ phase: Phase) -> Bool {
        change { state in
            state.content.phase = phase
            if case .open(let connection) = phase { state.content.connection = connection }
            return !state.isDiscarding
        }
    }

    /// Reads a connection until it ends.
    func receive(from connection: Connection) async {
        do {
            for try await inbound in connection.inbound {
                trace?.note(inbound)
                await put(inbound)
                if inbound.outcome != nil { return }
                await roomForMore()
            }
            enter(.ended(.lost(reason: nil, whileClosing: false)))
        } catch {
            enter(.ended(.lost(reason: "\(error)", whileClosing: false)))
        }
    }

    private func put(_ inbound: Inbound) async {
        // Without rules, a batch is one change.
        let isDone = change { state in
            guard state.rules.isEmpty else { return false }
            for entry in inbound.batch.entries where !state.isDiscarding { Self.put(entry, of: inbound, &state) }
            return true
        }
        if !isDone {
            for entry in inbound.batch.entries {
                switch entry.kind {
                case .text, .binary: await deliver(Self.message(entry, of: inbound))
                case .ping, .pong: change { Self.put(entry, of: inbound, &$0) }
                }
            }
        }
        if let ending = inbound.outcome { change { $0.content.phase = .ended(ending) } }
    }

    private static func put(_ entry: MessageBatch.Entry, of inbound: Inbound, _ state: inout State) {
        switch entry.kind {
        case .text, .binary: state.content.append(message(entry, of: inbound))
        case .ping: keep(inbound.batch.payload(of: entry), &state.content.pings)
        case .pong: keep(inbound.batch.payload(of: entry), &state.content.pongs)
        }
    }

    private static func message(_ entry: MessageBatch.Entry, of inbound: Inbound) -> ScriptMessage {
        ScriptMessage(isText: entry.kind == .text, payload: inbound.batch.payload(of: entry))
    }

    private static func keep(_ payload: ByteBuffer, _ frames: inout [[UInt8]]) {
        frames.append(Array(payload.readableBytesView))
        if frames.count > controlFrames { frames.removeFirst() }
    }

    /// Changes the state, and resumes the waiting test.
    @discardableResult
    func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        var taker: CheckedContinuation<Bool, Never>?
        let result = state.withLock { state in
            state.changes += 1
            swap(&taker, &state.taker)
            return body(&state)
        }
        taker?.resume(returning: true)
        return result
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
            var hasFault = false
            let result = state.withLock { state in
                seen = state.changes
                let result = pick(&state.content)
                hasFault = state.content.fault != nil
                if state.content.size <= Self.room { swap(&reader, &state.reader) }
                return result
            }
            reader?.resume()
            if let result { return result }
            if hasFault { return nil }
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
