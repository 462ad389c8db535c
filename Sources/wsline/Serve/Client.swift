import NIOCore
import Synchronization
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// A client connected to `serve`.
final class Client: Sendable {
    /// The reason why the server disconnected a client.
    enum Fault: Sendable {
        /// The client sent nothing for this long.
        case silent(Seconds)
        /// The client did not read its messages.
        case notReading
    }

    private struct State {
        var isOpen = true
        var fault: Fault?
        /// The bytes not yet written when last measured, and the time at which they last decreased.
        var pending = 0
        /// The size of the largest batch so far, in bytes.
        var largest = 0
        var lastProgress = ContinuousClock.now
    }

    /// The number of unsent bytes at which a client that does not read is disconnected, beside its largest message.
    static let pendingLimit = 16 << 20
    /// The number of unsent bytes from which senders should pause.
    private static let pendingMark = 4 << 20
    /// How long senders wait for a client that reads nothing.
    private static let patience = Duration.seconds(2)

    /// The client's number in this run, from 1.
    let number: Int
    let connection: Connection
    /// The times at which the user's pings were sent to the client.
    let pings = PingTimes()
    let start = NIODeadline.now()
    private let state = Mutex(State())

    init(_ connection: Connection) {
        self.connection = connection
        number = connection.handshake.clientNumber ?? 0
    }

    /// The client's network address.
    var address: String { connection.handshake.remoteAddress?.words ?? "an unknown address" }

    /// Whether messages can be sent to the client.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// The reason why the server disconnected the client, if it did.
    var fault: Fault? { state.withLock { $0.fault } }

    /// Sends messages without waiting. Disconnects a client that has too many unread messages.
    ///
    /// - Returns: whether the client is still open.
    @discardableResult
    func post(_ batch: MessageBatch) -> Bool {
        let waiting = connection.bytesPosted
        let mayBePosted = state.withLock { state -> Bool? in
            guard state.isOpen else { return false }
            if waiting > Self.pendingLimit + state.largest {
                (state.isOpen, state.fault) = (false, .notReading)
                return nil
            }
            if waiting <= Self.pendingMark { state.lastProgress = .now }
            state.largest = max(state.largest, batch.footprint)
            return true
        }
        guard let mayBePosted else {
            connection.abort()
            return false
        }
        if mayBePosted { connection.post(batch) }
        return mayBePosted
    }

    /// Sends the answers to messages, each portion when the one before has been sent.
    ///
    /// - Parameters:
    ///   - batch: the messages.
    ///   - rules: the rules that answer them.
    ///   - kind: whether answers are text or binary messages.
    ///   - onSend: called with each portion before it is sent.
    func answer(
        _ batch: MessageBatch,
        _ rules: ReplyRules,
        _ kind: MessageBatch.Kind,
        onSend: (MessageBatch) async throws -> Void
    ) async rethrows {
        let rules = rules.all
        guard !rules.isEmpty else { return }
        var answers = PendingAnswers(to: batch, rules, kind)
        while let portion = answers.nextPortion() {
            try await onSend(portion)
            // An error is reported with the end of the connection, which follows.
            guard (try? await connection.send(portion)) != nil else { return }
        }
    }

    /// Whether the client has many unsent bytes but still reads, so that senders should wait for it.
    var isBehind: Bool {
        let waiting = connection.bytesPosted
        return state.withLock {
            $0.isOpen && waiting > Self.pendingMark && ContinuousClock.now - $0.lastProgress < Self.patience
        }
    }

    /// Measures whether the client has read anything.
    func noteProgress() async {
        let pending = (try? await connection.eventLoop.submit { [connection] in connection.bytesPending }.get()) ?? 0
        state.withLock { state in
            if pending < state.pending { state.lastProgress = .now }
            state.pending = pending
        }
    }

    /// Starts the closing handshake.
    ///
    /// - Parameters:
    ///   - frame: our Close frame.
    ///   - fault: the reason, if it is the client's fault.
    ///   - limit: the time after which the connection is ended in any case; nil for the default close timeout.
    /// - Returns: false if the connection was already closing.
    @discardableResult
    func close(_ frame: CloseFrame, because fault: Fault? = nil, within limit: TimeAmount? = nil) -> Bool {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            if state.isOpen { state.fault = fault }
            return state.isOpen
        }
        if wasOpen || limit != nil { connection.close(frame, within: limit) }
        return wasOpen
    }

    /// Marks the client as closed, so that nothing more is sent to it.
    func noteEnd() {
        state.withLock { $0.isOpen = false }
    }

    /// Closes the connection if the client stays silent for too long.
    func watch(_ limit: Seconds) async {
        while true {
            let last = connection.statistics.lastReceived
            let rest = last + limit.timeAmount - .now()
            guard rest > .nanoseconds(0) else { break }
            guard (try? await Task.sleep(for: .nanoseconds(rest.nanoseconds))) != nil else { return }
        }
        let reason = "nothing received for \(limit.formatted) s"
        close((try? CloseFrame(code: .goingAway, reason: reason)) ?? .normal, because: .silent(limit))
    }
}
