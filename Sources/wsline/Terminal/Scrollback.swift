import MessageText
import NIOCore
import WebSocketProtocol

/// The last messages of a session or a server, in both directions, for commands such as `/show`.
///
/// It keeps whole batches, which share the storage of those that were printed, so that adding one takes no copy.
struct Scrollback: Sendable {
    /// The size to keep, as given by the user.
    struct Limit: Equatable, Sendable {
        static let standard = Limit(bytes: 64 << 20)

        /// The maximum size in bytes; 0 keeps nothing.
        let bytes: Int

        /// Creates a limit.
        init(bytes: Int) { self.bytes = bytes }
    }

    /// A kept message.
    struct Message: Sendable {
        let number: Int
        let direction: SessionEvent.Direction
        /// The number of the client at a server; nil in a session, and for messages to all clients.
        let client: Int?
        let time: NIODeadline
        let isText: Bool
        let payload: ByteBuffer
    }

    /// A reference to a message, as the user writes it.
    enum Reference: Equatable, Sendable {
        case number(Int)
        /// The newest incoming message is 1, the one before it 2.
        case back(Int)
    }

    /// The messages of a batch.
    private struct Kept {
        let first: Int
        let direction: SessionEvent.Direction
        let client: Int?
        let time: NIODeadline
        let bytes: ByteBuffer
        let entries: [MessageBatch.Entry]

        /// The size in memory, in bytes: a slice keeps its whole buffer.
        var size: Int { bytes.storageCapacity + entries.count * MemoryLayout<MessageBatch.Entry>.stride + 128 }

        func message(_ index: Int) -> Message {
            let entry = entries[index]
            let payload = bytes.getSlice(at: bytes.readerIndex + entry.offset, length: entry.count) ?? ByteBuffer()
            return Message(
                number: first + index,
                direction: direction,
                client: client,
                time: time,
                isText: entry.kind == .text,
                payload: payload
            )
        }
    }

    /// The maximum number of messages to keep.
    static let messageLimit = 10_000

    private let limit: Limit
    private var kept = CircularBuffer<Kept>()
    /// The number of the newest message; they are counted from 1.
    private(set) var newest = 0
    /// The size in memory, in bytes.
    private(set) var size = 0

    /// Creates an empty scrollback.
    init(_ limit: Limit = .standard) {
        self.limit = limit
    }

    /// The numbers of the kept messages.
    var numbers: Range<Int> {
        max(kept.first?.first ?? newest + 1, newest - Self.messageLimit + 1)..<newest + 1
    }

    /// Adds the messages of a batch, and drops old ones beyond the limits.
    ///
    /// - Returns: the number of the first message.
    @discardableResult
    mutating func add(
        _ batch: MessageBatch,
        _ direction: SessionEvent.Direction,
        client: Int? = nil,
        at time: NIODeadline
    ) -> Int {
        let first = newest + 1
        let entries = batch.messageCount == batch.entries.count ? batch.entries : batch.entries.filter(\.kind.isMessage)
        newest += entries.count
        guard limit.bytes > 0, !entries.isEmpty else { return first }
        var bytes = batch.bytes
        // Small messages in a large buffer are copied, so that they do not keep it.
        if bytes.storageCapacity > 2 * bytes.readableBytes + 256 { bytes = ByteBuffer(bytes: bytes.readableBytesView) }
        let added = Kept(
            first: first,
            direction: direction,
            client: client,
            time: time,
            bytes: bytes,
            entries: entries
        )
        kept.append(added)
        size += added.size
        while let oldest = kept.first,
            size > limit.bytes || oldest.first + oldest.entries.count <= newest - Self.messageLimit + 1
        {
            size -= oldest.size
            kept.removeFirst()
        }
        return first
    }

    /// Returns a message; nil if it is not kept.
    subscript(number: Int) -> Message? {
        guard numbers.contains(number) else { return nil }
        var (low, high) = (0, kept.count)
        // The first batch that begins after the message.
        while low < high {
            let middle = (low + high) / 2
            if kept[offset: middle].first > number { high = middle } else { low = middle + 1 }
        }
        let batch = kept[offset: low - 1]
        return batch.message(number - batch.first)
    }

    /// Returns the message that a reference means.
    ///
    /// - Parameter reference: the reference; nil for the newest incoming message.
    /// - Returns: the message.
    /// - Throws: `InvalidValue` if there is none, which explains why.
    func message(_ reference: Reference?) throws(InvalidValue) -> Message {
        try checkIsKept()
        switch reference ?? .back(1) {
        case .number(let number):
            if let message = self[number] { return message }
            throw InvalidValue("message \(number) is not kept; \(range)")
        case .back(let count):
            var left = count
            for batch in kept.reversed() where batch.direction == .received {
                if left <= batch.entries.count { return batch.message(batch.entries.count - left) }
                left -= batch.entries.count
            }
            throw InvalidValue(
                count == 1 ? "no incoming message is kept" : "fewer than \(count) incoming messages are kept"
            )
        }
    }

    /// Rejects commands that look back if no messages are kept.
    ///
    /// - Throws: `InvalidValue` that says why.
    func checkIsKept() throws(InvalidValue) {
        guard limit.bytes > 0 else { throw InvalidValue("no messages are kept (--scrollback off)") }
    }

    private var range: String {
        guard let first = numbers.first, let last = numbers.last else { return "there are no messages yet" }
        return "the messages from \(first) to \(last) are (--scrollback sets how many)"
    }

    /// Calls a closure with each kept message, oldest first, until it returns false.
    func forEach(_ body: (Message) -> Bool) {
        let numbers = numbers
        for batch in kept {
            for index in batch.entries.indices where numbers.contains(batch.first + index) {
                guard body(batch.message(index)) else { return }
            }
        }
    }
}
