import NIOCore
import WebSocketProtocol

/// Fuzzes the decoder with any bytes, split anywhere, in both roles, with and without compression.
///
/// The first byte selects role, compression and limits; the second determines how the rest is split.
enum DecoderTarget {
    private static let limits = Limits(messageSize: 1 << 16)

    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count >= 2 else { return }
        let bytes = Array(input.dropFirst(2))
        let whole = outcome(of: [bytes[...]], choice: input[0])
        let cut = outcome(of: pieces(of: bytes, cut: input[1]), choice: input[0])
        precondition(whole.messages == cut.messages, "the messages depend on the cut")
        precondition(whole.end == cut.end, "the end depends on the cut: \(whole.end), \(cut.end)")
        precondition(whole.pongs == cut.pongs, "the pongs depend on the cut")
    }

    private struct Outcome {
        var messages: [String] = []
        var end = "none"
        var pongs = 0
    }

    private static func endpoint(_ choice: UInt8) -> Endpoint {
        var deflate: DeflateParameters?
        if choice & 2 != 0 {
            var parameters = DeflateParameters()
            parameters.clientNoContextTakeover = choice & 4 != 0
            parameters.serverNoContextTakeover = choice & 4 != 0
            parameters.clientMaxWindowBits = 8 + Int(choice >> 4) % 8
            parameters.serverMaxWindowBits = 8 + Int(choice >> 4) % 8
            deflate = parameters
        }
        return Endpoint(role: choice & 1 == 0 ? .client : .server, limits: limits, deflate: deflate)
    }

    /// Splits bytes one by one if `cut` is 0, otherwise into pieces of varying sizes.
    private static func pieces(of bytes: [UInt8], cut: UInt8) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        var size = 1
        while !rest.isEmpty {
            pieces.append(rest.prefix(size))
            rest = rest.dropFirst(size)
            size = cut == 0 ? 1 : 1 + (size &* 7 &+ Int(cut)) % 64
        }
        return pieces
    }

    private static func outcome(of pieces: [ArraySlice<UInt8>], choice: UInt8) -> Outcome {
        var endpoint = endpoint(choice)
        var outcome = Outcome()
        var hasEnded = false
        for piece in pieces {
            var buffer = ByteBuffer(bytes: piece)
            repeat {
                let received = endpoint.receive(&buffer)
                precondition(!hasEnded || received.batch.isEmpty && received.end == nil, "something came after the end")
                for entry in received.batch.entries {
                    precondition(entry.count <= limits.messageSize, "a message is over the limit")
                    let payload = received.batch.payload(of: entry)
                    precondition(
                        entry.kind != .text || String(validating: payload.readableBytesView, as: UTF8.self) != nil
                    )
                    precondition(entry.kind.isMessage || entry.count <= 125, "a control frame is too long")
                    outcome.messages.append("\(entry.kind) \(payload.hexDump(format: .compact))")
                    if entry.kind == .ping { outcome.pongs += 1 }
                }
                if let end = received.end {
                    hasEnded = true
                    outcome.end = "\(end)"
                }
                _ = endpoint.takeOutput()
            } while buffer.readableBytes > 0
        }
        return outcome
    }
}
