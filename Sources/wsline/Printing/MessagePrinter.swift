import NIOCore
import WebSocketProtocol

/// Turns what was received into what is printed, many messages into one buffer.
struct MessagePrinter: Sendable {
    /// Where the messages go.
    enum Destination: Sendable {
        /// A pipe or a file: the bytes as they came, framed.
        case pipe(Framing)
        /// A terminal that nobody types at: control characters made visible.
        case terminal
        /// The terminal that the user types at: marked as received as well.
        case session
    }

    let destination: Destination
    /// Whether pings and pongs are shown among the messages; only in a session, else they are notices.
    let showsPingPong: Bool

    /// Appends the first `limit` messages of a batch to the output.
    ///
    /// - Returns: the number of messages appended.
    func print(_ batch: MessageBatch, limit: Int, to output: inout [UInt8]) -> Int {
        var printed = 0
        if case .pipe = destination {
            output.reserveCapacity(output.count + batch.bytes.readableBytes + batch.entries.count)
        }
        batch.bytes.withUnsafeReadableBytes { bytes in
            for entry in batch.entries where printed < limit {
                if entry.kind.isMessage {
                    let payload = UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.count])
                    append(payload, isText: entry.kind == .text, to: &output)
                    printed += 1
                } else if showsPingPong {
                    output.append(contentsOf: "< \(Self.words(entry, of: batch))\n".utf8)
                }
            }
        }
        return printed
    }

    /// A ping or pong in words: `ping "are you there"`.
    static func words(_ entry: MessageBatch.Entry, of batch: MessageBatch) -> String {
        let name = entry.kind == .ping ? "ping" : "pong"
        return entry.count == 0 ? name : "\(name) \"\(VisibleText.line(batch.string(of: entry)))\""
    }

    private func append(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
        switch destination {
        case .pipe(let framing):
            framing.append(payload, to: &output)
        case .terminal:
            append(payload, isText: isText, newline: "\n", to: &output)
        case .session:
            output.append(contentsOf: "< ".utf8)
            // Indented, so that no line of a message can pass for a message of its own.
            append(payload, isText: isText, newline: "\n  ", to: &output)
        }
    }

    private func append(_ payload: UnsafeRawBufferPointer, isText: Bool, newline: String, to output: inout [UInt8]) {
        guard isText else {
            output.append(contentsOf: "binary, \(payload.count) bytes\n".utf8)
            HexDump.append(payload, to: &output, indent: "  ")
            return
        }
        VisibleText.append(payload, to: &output, newline: newline)
        output.append(UInt8(ascii: "\n"))
    }
}
