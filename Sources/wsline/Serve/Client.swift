import NIOCore
import Synchronization
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// One client of `serve`.
final class Client: Sendable {
    /// What made us part with a client.
    enum Fault: Sendable {
        /// It sent nothing for this long.
        case silent(Seconds)
        /// It did not read what was sent to it.
        case notReading
    }

    private struct State {
        var isOpen = true
        var fault: Fault?
        /// What waited for the client when somebody last looked, and when that had become less.
        var pending = 0
        var lastProgress = ContinuousClock.now
    }

    /// How much may wait for a client that does not read, in bytes, before it is cut off.
    static let pendingLimit = 16 << 20
    /// From here on, whoever sends to it should wait a little.
    private static let pendingMark = 4 << 20
    /// How long it is waited for while it takes nothing.
    private static let patience = Duration.seconds(2)

    /// Its number among those of this run, from 1.
    let number: Int
    let connection: Connection
    /// When the pings that were typed were sent to it.
    let pings = PingTimes()
    let start = NIODeadline.now()
    private let state = Mutex(State())

    init(_ connection: Connection) {
        self.connection = connection
        number = connection.handshake.clientNumber ?? 0
    }

    /// Where it came from.
    var address: String { connection.handshake.remoteAddress?.words ?? "an unknown address" }

    /// Whether something can be sent to it.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Why we parted with it, if we did.
    var fault: Fault? { state.withLock { $0.fault } }

    /// Sends it messages without waiting; cuts it off when too much waits for it already.
    ///
    /// - Returns: whether it is there to get them.
    @discardableResult
    func post(_ batch: MessageBatch) -> Bool {
        let waiting = connection.bytesPosted
        let mayBePosted = state.withLock { state -> Bool? in
            guard state.isOpen else { return false }
            if waiting > Self.pendingLimit {
                (state.isOpen, state.fault) = (false, .notReading)
                return nil
            }
            if waiting <= Self.pendingMark { state.lastProgress = .now }
            return true
        }
        guard let mayBePosted else {
            connection.abort()
            return false
        }
        if mayBePosted { connection.post(batch) }
        return mayBePosted
    }

    /// Whether much waits for it, and it has taken some of that lately: whoever sends on should let it.
    var isBehind: Bool {
        let waiting = connection.bytesPosted
        return state.withLock {
            $0.isOpen && waiting > Self.pendingMark && ContinuousClock.now - $0.lastProgress < Self.patience
        }
    }

    /// Looks whether it has taken something.
    func noteProgress() async {
        let pending = (try? await connection.eventLoop.submit { [connection] in connection.bytesPending }.get()) ?? 0
        state.withLock { state in
            if pending < state.pending { state.lastProgress = .now }
            state.pending = pending
        }
    }

    /// Begins the closing handshake.
    ///
    /// - Parameters:
    ///   - frame: what our Close says.
    ///   - fault: why, if it is the client's fault.
    ///   - limit: when the connection is ended in any case; nil leaves it to the time limit for closing.
    /// - Returns: false when the connection is closing already.
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

    /// Notes that it has closed, or is gone: nothing can be sent to it any more.
    func noteEnd() {
        state.withLock { $0.isOpen = false }
    }
}
