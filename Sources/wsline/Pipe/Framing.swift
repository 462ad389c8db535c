import ArgumentParser
import NIOCore
import WebSocketProtocol

/// How messages are framed in a byte stream, for input and output alike.
enum Framing: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// A newline ends a message. A carriage return before it is part of the message.
    case lines
    /// A NUL byte ends a message.
    case nul
    /// A length of four bytes, big-endian, precedes each message.
    case length
    /// All input is one message; incoming messages are printed with nothing between them.
    case whole
    /// Each chunk of input is a message, as it is read; incoming messages are printed with nothing between them.
    case stream

    /// Creates a decoder for this framing.
    ///
    /// - Parameter kind: text or binary.
    /// - Returns: a decoder for one stream, from its start.
    func makeDecoder(_ kind: MessageBatch.Kind) -> any StreamDecoder {
        switch self {
        case .lines: DelimiterDecoder(kind, delimiter: UInt8(ascii: "\n"))
        case .nul: DelimiterDecoder(kind, delimiter: 0)
        case .length: LengthDecoder(kind)
        case .whole: WholeDecoder(kind)
        case .stream: ChunkDecoder(kind)
        }
    }

    /// Appends a framed message to a stream.
    func append(_ payload: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        if self == .length { withUnsafeBytes(of: Self.length(payload.count)) { output.append(contentsOf: $0) } }
        output.append(contentsOf: payload)
        if let delimiter { output.append(delimiter) }
    }

    /// Writes the messages of a batch to a sink.
    func write(_ batch: MessageBatch, to sink: any OutputSink) {
        let messages = batch.entries.lazy.filter(\.kind.isMessage)
        // A batch can have few of the messages in its buffer.
        let payloads = batch.entries.reduce(0) { $0 + $1.count }
        guard payloads <= batch.entries.count * Self.largePayload else {
            // Copying large messages would double their memory.
            for entry in messages { write(batch.payload(of: entry), to: sink) }
            return
        }
        var output = ByteBuffer()
        let size = payloads + batch.entries.count * MemoryLayout<UInt32>.size
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { room in
            batch.bytes.withUnsafeReadableBytes { bytes in
                var rest = room
                for entry in messages {
                    if self == .length { rest = Self.put(Self.length(entry.count), into: rest) }
                    rest.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[entry.offset...].prefix(entry.count)))
                    rest = UnsafeMutableRawBufferPointer(rebasing: rest[entry.count...])
                    if let delimiter { rest = Self.put(delimiter, into: rest) }
                }
                return room.count - rest.count
            }
        }
        if output.readableBytes > 0 { sink.write(output) }
    }

    private static func put<Value: BitwiseCopyable>(
        _ value: Value,
        into room: UnsafeMutableRawBufferPointer
    ) -> UnsafeMutableRawBufferPointer {
        room.storeBytes(of: value, as: Value.self)
        return UnsafeMutableRawBufferPointer(rebasing: room[MemoryLayout<Value>.size...])
    }

    private func write(_ payload: ByteBuffer, to sink: any OutputSink) {
        if self == .length { sink.write(ByteBuffer(integer: Self.length(payload.readableBytes), endianness: .host)) }
        sink.write(payload)
        if let delimiter { sink.write([delimiter]) }
    }

    private static func length(_ count: Int) -> UInt32 { UInt32(truncatingIfNeeded: count).bigEndian }

    private var delimiter: UInt8? {
        switch self {
        case .lines: UInt8(ascii: "\n")
        case .nul: 0
        case .length, .whole, .stream: nil
        }
    }

    /// The average payload size, in bytes, above which a batch is written without copying its payloads.
    private static let largePayload = 64 << 10
}
