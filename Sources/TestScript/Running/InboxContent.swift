import NIOCore
import WebSocketTransport

extension Inbox {
    /// A message with its sequence number, starting at 0.
    struct QueuedMessage: Sendable {
        let id: Int
        let message: ScriptMessage

        /// The memory used by the message, in bytes, with overhead so that empty messages count too.
        fileprivate var size: Int { message.payload.readableBytes + 256 }
    }

    /// The received messages and control frames.
    struct Content: Sendable {
        /// The limits of `history`.
        private static let historySize = 16 << 20
        private static let historyCount = 10_000

        var phase: Phase = .connecting
        var connection: Connection?
        /// The payloads of received pings and pongs.
        var pings: [[UInt8]] = []
        var pongs: [[UInt8]] = []
        /// The failure of a rule.
        private(set) var fault: TestFailure?
        /// All messages so far that no rule has hidden; nil if no statement needs the history.
        private(set) var history: [QueuedMessage]?
        private var historySize = 0
        /// Whether `history` has reached its limits and lacks later messages.
        private(set) var historyIsIncomplete = false
        private var messages = CircularBuffer<QueuedMessage>()
        private var count = 0
        /// The memory used by the messages, in bytes.
        private(set) var size = 0

        /// Removes and returns the next message.
        mutating func takeMessage() -> ScriptMessage? {
            guard let next = messages.popFirst() else { return nil }
            size -= next.size
            return next.message
        }

        /// Returns the first message with a higher sequence number.
        func message(after id: Int) -> QueuedMessage? {
            let index = messages.index(of: id + 1)
            return index < messages.endIndex ? messages[index] : nil
        }

        /// Removes the message with this sequence number.
        mutating func remove(_ id: Int) {
            let index = messages.index(of: id)
            guard index < messages.endIndex, messages[index].id == id else { return }
            size -= messages[index].size
            messages.remove(at: index)
        }

        mutating func append(_ message: ScriptMessage) {
            let queued = QueuedMessage(id: count, message: message)
            count += 1
            messages.append(queued)
            size += queued.size
            guard history != nil else { return }
            historySize += queued.size
            historyIsIncomplete =
                historyIsIncomplete || historySize > Self.historySize || (history?.count ?? 0) >= Self.historyCount
            if !historyIsIncomplete { history?.append(queued) }
        }

        /// Records the failure of a rule; later failures are ignored.
        mutating func fail(_ failure: TestFailure) { fault = fault ?? failure }

        /// Forgets the failure of a rule, so that the `finally` part can use the connection.
        mutating func forgetFailure() { fault = nil }

        /// Starts recording all messages in `history`.
        mutating func keepHistory() { history = [] }

        /// Removes and returns all messages.
        mutating func takeAll() -> [QueuedMessage] {
            defer { removeMessages() }
            return Array(messages)
        }

        /// Puts removed messages back at the front.
        mutating func prepend(_ earlier: [QueuedMessage]) {
            for queued in earlier.reversed() {
                messages.prepend(queued)
                size += queued.size
            }
        }

        mutating func removeMessages() {
            messages.removeAll()
            size = 0
        }

        /// The outcome of the connection; nil while it is open.
        var ending: CloseOutcome? { if case .ended(let ending) = phase { ending } else { nil } }
    }
}

extension CircularBuffer<Inbox.QueuedMessage> {
    /// Returns the index of the first message whose sequence number is at least `id`.
    fileprivate func index(of id: Int) -> Index {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[offset: middle].id < id { low = middle + 1 } else { high = middle }
        }
        return index(startIndex, offsetBy: low)
    }
}
