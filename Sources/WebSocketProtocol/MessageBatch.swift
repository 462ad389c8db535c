public import NIOCore

/// Messages, pings and pongs in order, with their payloads in one buffer.
///
/// Threads, tasks and channel handlers exchange batches rather than messages, so that many messages share the overhead.
public struct MessageBatch: Sendable {
    /// The type of an entry.
    public enum Kind: UInt8, Sendable {
        /// A text message, in UTF-8.
        case text
        /// A binary message.
        case binary
        /// A ping, with at most 125 bytes.
        case ping
        /// A pong, with at most 125 bytes.
        case pong

        /// Whether entries of this kind are messages; the others are control frames.
        public var isMessage: Bool { self == .text || self == .binary }
    }

    /// A message, ping or pong: its type and the range of its payload.
    public struct Entry: Equatable, Sendable {
        /// The type.
        public var kind: Kind
        /// The offset of the payload in the batch's `bytes`, relative to the reader index.
        public var offset: Int
        /// The payload's length in bytes.
        public var count: Int

        /// Creates an entry.
        public init(_ kind: Kind, offset: Int, count: Int) {
            self.kind = kind
            self.offset = offset
            self.count = count
        }
    }

    /// The payloads. Other bytes may be between them, such as newlines.
    public private(set) var bytes: ByteBuffer
    /// The entries in the order they were or will be sent.
    public private(set) var entries: [Entry]

    /// Creates an empty batch.
    public init() {
        bytes = ByteBuffer()
        entries = []
    }

    /// Creates a batch of entries with their payloads in a buffer.
    ///
    /// - Parameters:
    ///   - bytes: the payloads.
    ///   - entries: each within `bytes`. The payloads of text must be UTF-8: an endpoint does not check what it sends.
    public init(bytes: ByteBuffer, entries: [Entry]) {
        self.bytes = bytes
        self.entries = entries
    }

    /// Creates a batch of one text message.
    public init(text: String) {
        self.init()
        append(.text, text.utf8)
    }

    /// Creates a batch of one entry.
    ///
    /// - Parameters:
    ///   - kind: the type. The payload of text must be UTF-8, that of a ping or pong at most 125 bytes.
    ///   - payload: the payload.
    public init(_ kind: Kind, _ payload: some Sequence<UInt8>) {
        self.init()
        append(kind, payload)
    }

    /// Whether the batch has no entry.
    public var isEmpty: Bool { entries.isEmpty }

    /// The number of messages, without pings and pongs.
    public var messageCount: Int { entries.count { $0.kind.isMessage } }

    /// The approximate size of the batch in memory, in bytes: an entry takes some however short its payload is.
    public var footprint: Int { bytes.readableBytes + entries.count * MemoryLayout<Entry>.stride }

    /// The entries that are pings or pongs.
    public var controlFrames: [Entry] { entries.filter { !$0.kind.isMessage } }

    /// The payload of one entry, sharing the batch's storage.
    public func payload(of entry: Entry) -> ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + entry.offset, length: entry.count) ?? ByteBuffer()
    }

    /// The payload of an entry as text, with U+FFFD for bytes that are not UTF-8.
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

    /// Appends an entry whose payload is unmasked while it is copied.
    mutating func append(_ kind: Kind, _ payload: UnsafeRawBufferPointer, unmaskedWith key: MaskingKey?) {
        let offset = bytes.readableBytes
        bytes.write(payload, unmaskedWith: key)
        entries.append(Entry(kind, offset: offset, count: payload.count))
    }

    /// Appends an entry whose payload has a buffer of its own, which is taken over when the batch is still empty.
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

    /// Makes room for payloads of so many bytes together.
    mutating func reserve(_ payloadBytes: Int) {
        bytes.reserveCapacity(minimumWritableBytes: payloadBytes)
    }
}

extension ByteBuffer {
    /// Appends bytes, XORed with a masking key if there is one.
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
