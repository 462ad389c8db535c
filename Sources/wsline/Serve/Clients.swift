import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// The clients that there are now.
final class Clients: Sendable {
    private struct State {
        var present: [Int: Client] = [:]
        var isEnding = false
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    /// How often it is looked whether a client that is behind has caught up.
    private static let interval = Duration.milliseconds(5)
    /// How long clients may take to answer our Close when the run ends.
    private static let grace: TimeAmount = .milliseconds(500)

    private let state = Mutex(State())

    /// All of them, by number.
    var all: [Client] { state.withLock { $0.present.values.sorted { $0.number < $1.number } } }

    /// The one with a number; nil when it is not there.
    subscript(number: Int) -> Client? { state.withLock { $0.present[number] } }

    /// Adds one.
    func add(_ client: Client) {
        let (waiting, isEnding) = state.withLock { state in
            state.present[client.number] = client
            defer { state.waiting = [] }
            return (state.waiting, state.isEnding)
        }
        for continuation in waiting { continuation.finish() }
        if isEnding { client.close(.goingAway, within: Self.grace) }
    }

    /// Takes one away.
    func remove(_ client: Client) {
        client.noteEnd()
        state.withLock { $0.present[client.number] = nil }
    }

    /// Waits until there is one that something can be sent to.
    ///
    /// - Returns: false when there will be none.
    func waitForOne() async -> Bool {
        while true {
            let (comings, continuation) = AsyncStream.makeStream(of: Void.self)
            let answer: Bool? = state.withLock { state in
                if state.isEnding { return false }
                if state.present.values.contains(where: \.isOpen) { return true }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { return answer }
            for await _ in comings {}
            if Task.isCancelled { return false }
        }
    }

    /// Sends messages to all, or all but one, without waiting.
    ///
    /// - Returns: those that were there to get them.
    func post(_ batch: MessageBatch, except sender: Client? = nil) -> [Client] {
        all.filter { $0 !== sender && $0.post(batch) }
    }

    /// Waits until clients have taken most of what was sent to them. One that takes nothing is not waited for.
    func waitForRoom(_ clients: [Client]) async {
        var behind = clients.filter(\.isBehind)
        while !behind.isEmpty {
            for client in behind { await client.noteProgress() }
            guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
            behind.removeAll { !$0.isBehind }
        }
    }

    /// Closes them all, those that may still come too, for the run ends.
    func end() {
        let waiting = state.withLock { state in
            state.isEnding = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
        for client in all { client.close(.goingAway, within: Self.grace) }
    }
}
