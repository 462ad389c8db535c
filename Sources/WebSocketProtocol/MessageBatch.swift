public import NIOCore

/// Many messages, pings and pongs in order, their payloads side by side in one buffer.
///
/// The unit that crosses a thread, a task or a channel handler: what a batch costs is paid once for all its messages.
public struct MessageBatch: Sendable {
    /// What an entry is.
    public enum Kind: UInt8, Sendable {
        /// A message of UTF-8.
        case text
        /// A message of any bytes.
        case binary
        /// A ping, with at most 125 bytes.
        case ping
        /// A pong, with at most 125 bytes.
        case pong

        /// Whether entries of this kind are messages; the others are control frames.
        public var isMessage: Bool { self == .text || self == .binary }
    }

    /// One message, ping or pong: what it is and where its payload lies.
    public struct Entry: Equatable, Sendable {
        /// What it is.
        public var kind: Kind
        /// Where its payload begins in the batch's `bytes`, from the reader index on.
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

    /// The payloads; bytes between them that no entry names (newlines, say) do no harm.
    public private(set) var bytes: ByteBuffer
    /// The entries in the order they were or will be sent.
    public private(set) var entries: [Entry]

    /// Creates an empty batch.
    public init() {
        bytes = ByteBuffer()
        entries = []
    }

    /// Creates a batch whose entries point into bytes that are already there.
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
    ///   - kind: what it is. The payload of text must be UTF-8, that of a ping or pong at most 125 bytes.
    ///   - payload: its payload.
    public init(_ kind: Kind, _ payload: some Sequence<UInt8>) {
        self.init()
        append(kind, payload)
    }

    /// Whether the batch has no entry.
    public var isEmpty: Bool { entries.isEmpty }

    /// The number of messages: entries that are not pings or pongs.
    public var messageCount: Int { entries.count { $0.kind.isMessage } }

    /// The entries that are pings or pongs.
    public var controlFrames: [Entry] { entries.filter { !$0.kind.isMessage } }

    /// The payload of one entry, sharing the batch's storage.
    public func payload(of entry: Entry) -> ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + entry.offset, length: entry.count) ?? ByteBuffer()
    }

    /// The payload of one entry as text; bytes that are not UTF-8 are shown as U+FFFD.
    public func string(of entry: Entry) -> String {
        bytes.getString(at: bytes.readerIndex + entry.offset, length: entry.count) ?? ""
    }

    /// Appends an entry.
    ///
    /// - Parameters:
    ///   - kind: what it is. The payload of text must be UTF-8, that of a ping or pong at most 125 bytes.
    ///   - payload: its payload.
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
