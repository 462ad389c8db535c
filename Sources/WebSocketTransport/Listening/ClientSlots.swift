import NIOHTTP1
import Synchronization

/// Counts the clients of a listener: each has a number, and there may be so many at once, or so many in all.
final class ClientSlots: Sendable {
    private struct State {
        var taken = 0
        var present = 0
        var onExhaustion: (@Sendable () -> Void)?
    }

    private let atOnce: Int?
    private let total: Int?
    private let state = Mutex(State())

    init(atOnce: Int?, total: Int?) {
        self.atOnce = atOnce
        self.total = total
    }

    /// Calls this when the last client has come.
    func onExhaustion(_ body: @Sendable @escaping () -> Void) {
        state.withLock { $0.onExhaustion = body }
    }

    /// Takes a place for one more client.
    ///
    /// - Returns: the client's number, from 1.
    /// - Throws: `Rejection` when there is none.
    func take() throws(ServerHandshake.Rejection) -> Int {
        let result: Result<(Int, (@Sendable () -> Void)?), ServerHandshake.Rejection> = state.withLock { state in
            if let total, state.taken >= total {
                return .failure(
                    .init(
                        status: .serviceUnavailable,
                        reason: "this server accepts no more than \(Self.clients(total))"
                    )
                )
            }
            if let atOnce, state.present >= atOnce {
                return .failure(
                    .init(
                        status: .serviceUnavailable,
                        reason: "this server accepts no more than \(Self.clients(atOnce)) at once"
                    )
                )
            }
            state.taken += 1
            state.present += 1
            return .success((state.taken, state.taken == total ? state.onExhaustion : nil))
        }
        let (number, onExhaustion) = try result.get()
        onExhaustion?()
        return number
    }

    /// Gives a place back: its client has gone.
    func giveBack() {
        state.withLock { $0.present -= 1 }
    }

    private static func clients(_ count: Int) -> String { count == 1 ? "1 client" : "\(count) clients" }
}
