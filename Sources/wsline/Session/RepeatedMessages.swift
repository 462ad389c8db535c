import MessageText
import NIOCore
import TestScript
import WebSocketProtocol

/// A message to send at an interval, as the user writes it: `30s {"op":"ping"}`.
struct RepeatedMessage: Equatable, Sendable {
    let interval: Seconds
    let text: String

    /// Creates a message to repeat.
    init(interval: Seconds, text: String) {
        (self.interval, self.text) = (interval, text)
    }

    /// Parses an interval and a text.
    ///
    /// - Throws: `InvalidValue`.
    init(_ argument: String) throws(InvalidValue) {
        let parts = argument.split(separator: " ", maxSplits: 1)
        guard let first = parts.first, let interval = try? Seconds(first), interval.value >= 0.001, parts.count > 1
        else { throw InvalidValue("must be a time of at least 1ms and a message, such as 30s hello") }
        self.init(interval: interval, text: String(parts[1]))
    }
}

/// Sends messages at intervals while the connection is open. Confined to its event loop.
final class RepeatedMessages {
    /// The maximum number of messages repeated at the same time.
    static let limit = 100

    private struct Entry {
        let message: RepeatedMessage
        var timer: Scheduled<Void>?
    }

    /// Sends a message; calls the closure when it has been written to the socket, or with an error.
    var send: (String, @escaping ((any Error)?) -> Void) -> Void = { _, _ in }
    private let loop: any EventLoop
    private var entries: [Entry] = []
    private var isConnected = false

    /// Creates a list of repeated messages.
    ///
    /// - Parameters:
    ///   - messages: the messages, which are sent first an interval after the opening of each connection.
    ///   - loop: the event loop of the session.
    init(_ messages: [RepeatedMessage], on loop: any EventLoop) {
        self.loop = loop
        entries = messages.map { Entry(message: $0) }
    }

    /// The messages, in the order in which they were added.
    var messages: [RepeatedMessage] { entries.map(\.message) }

    /// Starts the timers of a new connection.
    func connected() {
        isConnected = true
        for index in entries.indices { schedule(index) }
    }

    /// Stops the timers until the next connection.
    func disconnected() {
        isConnected = false
        for entry in entries { entry.timer?.cancel() }
    }

    /// Starts to repeat a message, and sends it now if there is a connection. Returns false if there are too many.
    func add(_ message: RepeatedMessage) -> Bool {
        guard entries.count < Self.limit else { return false }
        entries.append(Entry(message: message))
        sendNow(entries.count - 1)
        return true
    }

    /// Stops to repeat messages.
    func removeAll() {
        for entry in entries { entry.timer?.cancel() }
        entries = []
    }

    private func schedule(_ index: Int) {
        let message = entries[index].message
        entries[index].timer?.cancel()
        entries[index].timer = loop.assumeIsolated().scheduleTask(in: message.interval.timeAmount) { [weak self] in
            self?.sendNow(index)
        }
    }

    private func sendNow(_ index: Int) {
        guard isConnected, entries.indices.contains(index) else { return }
        let message = entries[index].message
        // The next time is an interval after the socket has accepted this message, so that none pile up.
        send(message.text) { [weak self] error in
            guard let self, error == nil, isConnected, entries.indices.contains(index),
                entries[index].message == message
            else { return }
            schedule(index)
        }
    }
}
