import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// How far a session has come, for those who wait for more.
struct SessionProgress: Sendable {
    /// Messages that are awaited: all of them, or those that meet an expectation.
    let awaited = Progress()
    /// Messages.
    let messages = Progress()
    /// Whatever comes.
    let arrivals = Progress()

    /// Notes that an arrival is being dealt with.
    func begin(_ arrival: Inbound) {
        arrivals.begin()
        if arrival.batch.messageCount > 0 { messages.begin() }
    }

    /// Notes that an arrival was dealt with.
    func end(_ arrival: Inbound) {
        let now = ContinuousClock.now
        arrivals.note(now)
        if arrival.batch.messageCount > 0 { messages.note(now) }
    }
}

/// When something last came that was waited for.
final class Progress: Sendable {
    private let state = Mutex((time: ContinuousClock.now, isGoingOn: false))

    /// When it last came; now, while it is being dealt with.
    var last: ContinuousClock.Instant { state.withLock { $0.isGoingOn ? .now : $0.time } }

    func begin() {
        state.withLock { $0.isGoingOn = true }
    }

    func note(_ time: ContinuousClock.Instant = .now) {
        state.withLock { $0 = (time, false) }
    }
}
