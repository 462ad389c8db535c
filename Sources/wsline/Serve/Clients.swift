import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// The clients that are connected.
final class Clients: Sendable {
    private struct State {
        var present: [Int: Client] = [:]
        var isEnding = false
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    /// How often clients that are behind are checked.
    private static let interval = Duration.milliseconds(5)
    /// How long clients have to answer our Close when the run ends.
    private static let grace: TimeAmount = .milliseconds(500)

    private let state = Mutex(State())

    /// All clients, by number.
    var all: [Client] { state.withLock { $0.present.values.sorted { $0.number < $1.number } } }

    /// The client with a number; nil if it is not connected.
    subscript(number: Int) -> Client? { state.withLock { $0.present[number] } }

    func add(_ client: Client) {
        let (waiting, isEnding) = state.withLock { state in
            state.present[client.number] = client
            defer { state.waiting = [] }
            return (state.waiting, state.isEnding)
        }
        for continuation in waiting { continuation.finish() }
        if isEnding { client.close(.goingAway, within: Self.grace) }
    }

    func remove(_ client: Client) {
        client.noteEnd()
        state.withLock { $0.present[client.number] = nil }
    }

    /// Waits until a client is open for messages.
    ///
    /// - Returns: false if the run ends before that.
    func waitForOne() async -> Bool {
        while true {
            let (arrivals, continuation) = AsyncStream.makeStream(of: Void.self)
            let answer: Bool? = state.withLock { state in
                if state.isEnding { return false }
                if state.present.values.contains(where: \.isOpen) { return true }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { return answer }
            for await _ in arrivals {}
            if Task.isCancelled { return false }
        }
    }

    /// Sends messages to all clients, or to all but one, without waiting.
    ///
    /// - Returns: the clients that were open.
    func post(_ batch: MessageBatch, except sender: Client? = nil) -> [Client] {
        all.filter { $0 !== sender && $0.post(batch) }
    }

    /// Waits until clients have read most of their messages. Does not wait for clients that read nothing.
    func waitForRoom(_ clients: [Client]) async {
        var behind = clients.filter(\.isBehind)
        while !behind.isEmpty {
            for client in behind { await client.noteProgress() }
            guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
            behind.removeAll { !$0.isBehind }
        }
    }

    /// Closes all clients, and those that still connect, at the end of the run.
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
