import NIOCore
import Synchronization

/// The send times of pings without a pong, by payload. Written by the front end and read where pongs arrive, so it is
/// thread-safe.
final class PingTimes: Sendable {
    private struct State {
        var sent: [(payload: String, time: NIODeadline)] = []
        var counter = 0
        var last: TimeAmount?
    }

    /// The maximum number of unanswered pings to remember.
    private static let capacity = 64
    private let state = Mutex(State())

    /// Whether there are no unanswered pings.
    var isEmpty: Bool { state.withLock { $0.sent.isEmpty } }

    /// The round-trip time of the newest pong.
    var last: TimeAmount? { state.withLock(\.last) }

    /// Records that a ping is being sent.
    ///
    /// - Parameter data: the user's payload; if empty, a number is used to recognize the pong.
    /// - Returns: the payload to send.
    func start(_ data: String) -> String {
        state.withLock { state in
            state.counter += 1
            let payload = data.isEmpty ? String(state.counter) : data
            state.sent.append((payload, .now()))
            state.sent = state.sent.suffix(Self.capacity)
            return payload
        }
    }

    /// Returns the round-trip time of a pong that answers one of our pings; nil for any other.
    func finish(_ payload: String, at time: NIODeadline) -> TimeAmount? {
        state.withLock { state in
            guard let index = state.sent.firstIndex(where: { $0.payload == payload }) else { return nil }
            let roundTrip = time - state.sent[index].time
            // A pong also answers all earlier pings (RFC 6455, section 5.5.3).
            state.sent.removeSubrange(...index)
            state.last = roundTrip
            return roundTrip
        }
    }
}

extension TimeAmount {
    /// The time in milliseconds, with two decimals: "0.42 ms".
    var inMilliseconds: String {
        let hundredths = (nanoseconds + 5_000) / 10_000
        let fraction = String(hundredths % 100)
        return "\(hundredths / 100).\(fraction.count == 1 ? "0" : "")\(fraction) ms"
    }
}
