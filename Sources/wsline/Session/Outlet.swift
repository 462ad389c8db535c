import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// Where the input of a kept session goes: to the connection that there is, or to the next one.
///
/// A ping follows what is sent. Its pong shows that all before it has arrived, and a second later the server's application
/// has had time to look at it; what was sent after that may have been lost with the connection, and is told.
final class Outlet: Sendable {
    private struct State {
        var connection: Connection?
        var waiting: CheckedContinuation<Connection?, Never>?
        var isOver = false
        /// Messages sent and known to have arrived, over all connections.
        var sent = 0
        var arrived = 0
        /// What pongs have shown to have arrived, and when; of the last second.
        var answered: [(number: Int, time: ContinuousClock.Instant)] = []
        var pingIsOut = false
        /// Messages read that wait for a connection.
        var pending = 0
        /// Messages received and shown, over all connections.
        var shown = 0
    }

    private static let mark = "sent "
    /// Servers answer pings before their applications have looked at the messages.
    private static let timeToLook = Duration.seconds(1)
    private let state = Mutex(State())
    private let notices: Diagnostics

    init(_ notices: Diagnostics) {
        self.notices = notices
    }

    /// How many messages were received and shown, over all connections.
    var shown: Int { state.withLock { $0.shown } }

    /// Counts messages that were shown.
    func noteShown(_ count: Int) {
        state.withLock { $0.shown += count }
    }

    /// Lets the input go to a connection.
    func attach(_ connection: Connection) {
        let waiting = state.withLock { state in
            state.connection = connection
            state.pingIsOut = false
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: connection)
    }

    /// Keeps the input back until there is another connection, and tells which messages may have been lost.
    ///
    /// - Parameter ending: how the connection ended; a peer that answered our Close has got all before it.
    func detach(_ ending: CloseOutcome) {
        tell(
            state.withLock { state in
                state.connection = nil
                if case .closed(_, answering: .some) = ending { state.arrived = state.sent }
                return Self.takeUncertain(&state)
            }
        )
    }

    /// Takes what was answered a while ago for arrived.
    private static func settle(_ state: inout State) {
        let limit = ContinuousClock.now - timeToLook
        let settled = state.answered.prefix { $0.time <= limit }
        state.arrived = max(state.arrived, settled.last?.number ?? 0)
        state.answered.removeFirst(settled.count)
    }

    private static func takeUncertain(_ state: inout State) -> ClosedRange<Int>? {
        settle(&state)
        state.answered = []
        guard state.arrived < state.sent else { return nil }
        defer { state.arrived = state.sent }
        return state.arrived + 1...state.sent
    }

    /// Names messages by their numbers in the input, the first being 1.
    private func tell(_ messages: ClosedRange<Int>?) {
        guard let messages else { return }
        let (first, last) = (messages.lowerBound, messages.upperBound)
        let words = first == last ? "message \(first)" : "messages \(first) to \(last)"
        notices.warn("\(words) of the input may not have arrived")
    }

    /// Ends it: there will be no other connection.
    ///
    /// - Returns: how many messages were read and not sent.
    func finish() -> Int {
        let (waiting, pending) = state.withLock { state in
            state.isOver = true
            state.connection = nil
            defer { state.waiting = nil }
            return (state.waiting, state.pending)
        }
        waiting?.resume(returning: nil)
        return pending
    }

    /// Sends a batch, as soon as there is a connection.
    ///
    /// - Returns: false when there will be none.
    func send(_ batch: MessageBatch, _ log: EventLog) async throws(SystemCallError) -> Bool {
        let count = batch.messageCount
        state.withLock { $0.pending = count }
        while let connection = await next() {
            var batch = batch
            let ping = state.withLock { state -> String? in
                guard !state.pingIsOut else { return nil }
                state.pingIsOut = true
                return Self.mark + String(state.sent + count)
            }
            if let ping { batch.append(.ping, ping.utf8) }
            do {
                try await connection.send(batch)
            } catch is SendError {
                // Closing: nothing of it was sent.
                drop(connection)
                continue
            } catch {
                // Some of it may have been. Whether that is told here or by `detach` depends on which comes first.
                let wasDetached = drop(connection)
                tell(
                    state.withLock { state in
                        state.sent += count
                        state.pending = 0
                        return wasDetached ? Self.takeUncertain(&state) : nil
                    }
                )
                return true
            }
            state.withLock { state in
                state.sent += count
                state.pending = 0
            }
            try log.write(batch, .sent)
            return true
        }
        return false
    }

    /// Looks for pongs that show what has arrived.
    func take(_ batch: MessageBatch) {
        for entry in batch.controlFrames where entry.kind == .pong {
            let text = batch.string(of: entry)
            guard text.hasPrefix(Self.mark), let number = Int(text.dropFirst(Self.mark.count)) else { continue }
            state.withLock { state in
                Self.settle(&state)
                state.answered.append((min(number, state.sent + state.pending), .now))
                state.pingIsOut = false
            }
        }
    }

    private func next() async -> Connection? {
        await withCheckedContinuation { continuation in
            let now: Connection?? = state.withLock { state in
                if let connection = state.connection { return connection }
                if state.isOver { return .some(nil) }
                state.waiting = continuation
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
    }

    /// Sends nothing more to a connection.
    ///
    /// - Returns: whether it had been taken away already.
    @discardableResult
    private func drop(_ connection: Connection) -> Bool {
        state.withLock { state in
            guard state.connection === connection else { return true }
            state.connection = nil
            return false
        }
    }
}
