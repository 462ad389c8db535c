import NIOCore

/// Messages that are too large to be framed at once: in small fragments they take many times their size.
struct Backlog {
    /// A message that is being sent in fragments.
    struct Message {
        /// The opcode of the next fragment.
        private(set) var opcode: Opcode
        /// The rest of the payload.
        private(set) var payload: ByteBuffer
        /// The reserved bits of the next fragment.
        private(set) var reservedBits: UInt8

        init(opcode: Opcode, payload: ByteBuffer, reservedBits: UInt8) {
            (self.opcode, self.payload, self.reservedBits) = (opcode, payload, reservedBits)
        }

        /// Drops bytes that have been framed.
        fileprivate mutating func drop(_ count: Int) {
            payload.moveReaderIndex(forwardBy: count)
            (opcode, reservedBits) = (.continuation, 0)
        }
    }

    /// The message under way.
    private(set) var message: Message?
    /// The payload of the Close frame to send at the end.
    var close: ByteBuffer?
    private var batches = CircularBuffer<MessageBatch>()
    private var nextEntry = 0

    /// Whether there is nothing to send.
    var isEmpty: Bool { message == nil && batches.isEmpty && close == nil }

    mutating func append(_ batch: MessageBatch) {
        if !batch.isEmpty { batches.append(batch) }
    }

    /// Removes and returns the next message, ping or pong; nil when only the Close frame is left.
    mutating func next() -> (MessageBatch.Kind, ByteBuffer)? {
        guard let batch = batches.first else { return nil }
        let entry = batch.entries[nextEntry]
        nextEntry += 1
        if nextEntry == batch.entries.count {
            batches.removeFirst()
            nextEntry = 0
        }
        return (entry.kind, batch.payload(of: entry))
    }

    /// Begins to send a message in fragments.
    mutating func begin(_ message: Message) {
        self.message = message
    }

    /// Drops bytes of the message under way that have been framed.
    mutating func drop(_ count: Int) {
        message?.drop(count)
        if message?.payload.readableBytes == 0 { message = nil }
    }

    /// Removes and returns the payload of the Close frame.
    mutating func takeClose() -> ByteBuffer? {
        close.take()
    }
}
