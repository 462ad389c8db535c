import NIOCore

/// A queue of messages that are framed only as the transport takes bytes, because in small fragments they would need
/// many times their size in memory.
struct Backlog {
    /// A message that is being sent in fragments.
    struct Message {
        /// The opcode of the next fragment.
        private(set) var opcode: Opcode
        /// The payload that has not been framed yet.
        private(set) var payload: ByteBuffer
        /// The reserved bits of the next fragment.
        private(set) var reservedBits: UInt8

        init(opcode: Opcode, payload: ByteBuffer, reservedBits: UInt8) {
            (self.opcode, self.payload, self.reservedBits) = (opcode, payload, reservedBits)
        }

        /// Removes `count` bytes that have been framed.
        fileprivate mutating func drop(_ count: Int) {
            payload.moveReaderIndex(forwardBy: count)
            (opcode, reservedBits) = (.continuation, 0)
        }
    }

    /// The message that is partly framed.
    private(set) var message: Message?
    /// The payload of the Close frame to send after all messages.
    var close: ByteBuffer?
    private var batches = CircularBuffer<MessageBatch>()
    private var nextEntry = 0

    /// The number of payload bytes that have not been framed.
    private(set) var bytes = 0

    /// Whether there is nothing left to send.
    var isEmpty: Bool { message == nil && batches.isEmpty && close == nil }

    mutating func append(_ batch: MessageBatch) {
        guard !batch.isEmpty else { return }
        batches.append(batch)
        bytes += batch.entries.reduce(0) { $0 + $1.count }
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
        bytes -= entry.count
        return (entry.kind, batch.payload(of: entry))
    }

    /// Starts sending a message in fragments.
    mutating func begin(_ message: Message) {
        self.message = message
        bytes += message.payload.readableBytes
    }

    /// Removes `count` framed bytes from the current message.
    mutating func drop(_ count: Int) {
        message?.drop(count)
        bytes -= count
        if message?.payload.readableBytes == 0 { message = nil }
    }

    /// Removes and returns the payload of the Close frame.
    mutating func takeClose() -> ByteBuffer? {
        close.take()
    }
}
