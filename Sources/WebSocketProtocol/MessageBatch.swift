public import NIOCore

/// A sequence of messages, pings and pongs with their payloads in one buffer.
///
/// Threads, tasks and channel handlers exchange batches instead of messages, to share the overhead between many
/// messages.
public struct MessageBatch: Sendable {
    /// The type of an entry.
    public enum Kind: UInt8, Sendable {
        /// A UTF-8 text message.
        case text
        /// A binary message.
        case binary
        /// A ping, with a payload of at most 125 bytes.
        case ping
        /// A pong, with a payload of at most 125 bytes.
        case pong

        /// Whether an entry of this kind is a message, not a control frame.
        public var isMessage: Bool { self == .text || self == .binary }
    }

    /// A message, ping or pong in a batch: its type and the range of its payload.
    public struct Entry: Equatable, Sendable {
        /// The type of the entry.
        public var kind: Kind
        /// The offset of the payload in the batch's `bytes`, relative to the reader index.
        public var offset: Int
        /// The length of the payload, in bytes.
        public var count: Int

        /// Creates an entry.
        public init(_ kind: Kind, offset: Int, count: Int) {
            self.kind = kind
            self.offset = offset
            self.count = count
        }
    }

    /// The payloads, possibly with other bytes such as newlines between them.
    public private(set) var bytes: ByteBuffer
    /// The entries in the order sent or received.
    public private(set) var entries: [Entry]

    /// Creates an empty batch.
    public init() {
        bytes = ByteBuffer()
        entries = []
    }

    /// Creates a batch from a buffer of payloads.
    ///
    /// - Parameters:
    ///   - bytes: the payloads.
    ///   - entries: the entries, whose ranges are within `bytes`. The payload of text must be UTF-8: an endpoint does
    ///     not check outgoing messages.
    public init(bytes: ByteBuffer, entries: [Entry]) {
        self.bytes = bytes
        self.entries = entries
    }

    /// Creates a batch that contains one text message.
    public init(text: String) {
        self.init()
        append(.text, text.utf8)
    }

    /// Creates a batch that contains one entry.
    ///
    /// - Parameters:
    ///   - kind: the type. The payload of text must be UTF-8, that of a ping or pong at most 125 bytes.
    ///   - payload: the payload.
    public init(_ kind: Kind, _ payload: some Sequence<UInt8>) {
        self.init()
        append(kind, payload)
    }

    /// Whether the batch has no entries.
    public var isEmpty: Bool { entries.isEmpty }

    /// The number of messages, not counting pings and pongs.
    public var messageCount: Int { entries.count { $0.kind.isMessage } }

    /// The approximate size of the batch in memory, in bytes, including a fixed overhead per entry.
    public var footprint: Int { bytes.readableBytes + entries.count * MemoryLayout<Entry>.stride }

    /// The entries that are pings or pongs.
    public var controlFrames: [Entry] { entries.filter { !$0.kind.isMessage } }

    /// Returns a batch with some of the entries, which shares the payloads.
    public func keeping(_ entries: [Entry]) -> MessageBatch { MessageBatch(bytes: bytes, entries: entries) }

    /// Returns the payload of an entry, which shares the batch's storage.
    public func payload(of entry: Entry) -> ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + entry.offset, length: entry.count) ?? ByteBuffer()
    }

    /// Returns the payload of an entry as text, with U+FFFD in place of invalid UTF-8.
    public func string(of entry: Entry) -> String {
        bytes.getString(at: bytes.readerIndex + entry.offset, length: entry.count) ?? ""
    }

    /// Appends an entry.
    ///
    /// - Parameters:
    ///   - kind: the type. The payload of text must be UTF-8, that of a ping or pong at most 125 bytes.
    ///   - payload: the payload.
    public mutating func append(_ kind: Kind, _ payload: some Sequence<UInt8>) {
        let offset = bytes.readableBytes
        bytes.writeBytes(payload)
        entries.append(Entry(kind, offset: offset, count: bytes.readableBytes - offset))
    }

    /// Appends an entry, unmasking its payload.
    mutating func append(_ kind: Kind, _ payload: UnsafeRawBufferPointer, unmaskedWith key: MaskingKey?) {
        let offset = bytes.readableBytes
        bytes.write(payload, unmaskedWith: key)
        entries.append(Entry(kind, offset: offset, count: payload.count))
    }

    /// Appends an entry from a separate buffer; an empty batch takes ownership of the buffer instead of copying it.
    mutating func append(_ kind: Kind, takingOver payload: consuming ByteBuffer) {
        let offset = bytes.readableBytes
        let count = payload.readableBytes
        if offset == 0 {
            bytes = payload
        } else {
            bytes.writeImmutableBuffer(payload)
        }
        entries.append(Entry(kind, offset: offset, count: count))
    }

    /// Reserves space for payloads of `payloadBytes` in total.
    mutating func reserve(_ payloadBytes: Int) {
        bytes.reserveCapacity(minimumWritableBytes: payloadBytes)
    }
}

extension ByteBuffer {
    /// Appends bytes, unmasking them if there is a key.
    mutating func write(_ payload: UnsafeRawBufferPointer, unmaskedWith key: MaskingKey?) {
        guard let key else {
            writeBytes(payload)
            return
        }
        writeWithUnsafeMutableBytes(minimumWritableBytes: payload.count) { destination in
            if let base = destination.baseAddress { key.apply(from: payload, to: base) }
            return payload.count
        }
    }
}
