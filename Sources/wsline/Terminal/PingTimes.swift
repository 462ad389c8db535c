import NIOCore
import Synchronization

/// When the pings that are on their way were sent, by their payload: written where the user types, read where pongs come.
final class PingTimes: Sendable {
    private struct State {
        var sent: [(payload: String, time: NIODeadline)] = []
        var counter = 0
        var last: TimeAmount?
    }

    /// How many pings without a pong are remembered.
    private static let capacity = 64
    private let state = Mutex(State())

    /// Whether no ping waits for its pong.
    var isEmpty: Bool { state.withLock { $0.sent.isEmpty } }

    /// The round-trip time of the newest pong.
    var last: TimeAmount? { state.withLock(\.last) }

    /// Notes that a ping is sent now.
    ///
    /// - Parameter data: what the user wants in it; a number is used when it is empty, so that its pong can be told.
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

    /// Returns the round-trip time of a pong that answers a ping of ours, or nil.
    func finish(_ payload: String, at time: NIODeadline) -> TimeAmount? {
        state.withLock { state in
            guard let index = state.sent.firstIndex(where: { $0.payload == payload }) else { return nil }
            let roundTrip = time - state.sent[index].time
            // A pong answers all pings before it too (RFC 6455, section 5.5.3).
            state.sent.removeSubrange(...index)
            state.last = roundTrip
            return roundTrip
        }
    }
}

extension TimeAmount {
    /// The time in milliseconds, with as much fraction as tells something: "0.42 ms".
    var inMilliseconds: String {
        let hundredths = (nanoseconds + 5_000) / 10_000
        let fraction = String(hundredths % 100)
        return "\(hundredths / 100).\(fraction.count == 1 ? "0" : "")\(fraction) ms"
    }
}
