import NIOCore
import ProcessSupport
import Testing

@testable import WebSocketProtocol

/// Tests with random messages and splits. The argument is the seed of the random generator.
@Suite(.serialized, .fewAtATime) struct EndpointPropertyTests {
    private func message(longest: Int, using generator: inout SeededGenerator) -> Message {
        let length = [5, 130, 130, 130, 3000, 70_000].randomElement(using: &generator) ?? 5
        let count = Int.random(in: 0...min(length, longest), using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return Message(.ping, binary(byteCount: min(count, 125)))
        case 1: return Message(.pong, binary(byteCount: min(count, 125)))
        case 2, 3: return Message(.binary, (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        default: return Message(.text, text(byteCount: count))
        }
    }

    private func cut(_ bytes: ByteBuffer, using generator: inout SeededGenerator) -> [ArraySlice<UInt8>] {
        let longest = [1, 3, 20, 200, 5000, 100_000].randomElement(using: &generator) ?? 1
        var rest = Array(bytes.readableBytesView)[...]
        // In debug builds, single bytes of long input would take too much time.
        let shortest = max(1, min(longest, rest.count / 1000))
        var pieces: [ArraySlice<UInt8>] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: shortest...max(shortest, longest), using: &generator))
            pieces.append(piece)
            rest = rest[piece.endIndex...]
        }
        return pieces
    }

    private func parameters(using generator: inout SeededGenerator) -> DeflateParameters? {
        guard Bool.random(using: &generator) else { return nil }
        var parameters = DeflateParameters()
        parameters.clientNoContextTakeover = Bool.random(using: &generator)
        parameters.serverNoContextTakeover = Bool.random(using: &generator)
        parameters.clientMaxWindowBits = Int.random(in: 8...15, using: &generator)
        parameters.serverMaxWindowBits = Int.random(in: 8...15, using: &generator)
        return parameters
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `one endpoint receives exactly what the other sends`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let role = Role.both[Int(seed % 2)]
        // Pings and pongs of up to 125 bytes fit with fragments of any size.
        let size = [nil, 1, 2, 125, 126, 1000, 65_536].randomElement(using: &generator) ?? nil
        let deflate = parameters(using: &generator)
        var sender = Endpoint(role: role, fragmentSize: size, deflate: deflate)
        var receiver = Endpoint(role: role.peer, deflate: deflate)

        // In debug builds, 100,000 frames take a second.
        let longest = min(70_000, 200 * (size ?? .max / 200))
        var sent: [Message] = []
        var output = ByteBuffer()
        for _ in 0..<Int.random(in: 1...5, using: &generator) {
            let batch = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                message(longest: longest, using: &generator)
            }
            try sender.send(MessageBatch(batch))
            sent += batch
            if var taken = sender.takeOutput() { output.writeBuffer(&taken) }
        }
        sender.close(.normal)
        if var taken = sender.takeOutput() { output.writeBuffer(&taken) }

        let pieces = cut(output, using: &generator)
        let outcome = try receiver.deliver(pieces)
        let context: Comment =
            "seed \(seed), fragments of \(size ?? .max), \(pieces.count) pieces, \(deflate?.answer ?? "plain")"
        let isSame = outcome.messages == sent
        #expect(isSame, "\(context): received \(outcome.messages), not \(sent)")
        #expect(outcome.end == .close(.normal), context)
        let pongs = sent.filter { $0.kind == .ping }.map { Frame(first: 0x8A, payload: $0.payload) }
        #expect(outcome.sent == pongs + [.close(1000)], context)

        // Return the pongs and the Close frame to the sender, which completes the closing handshake.
        let back = sender.receive(ByteBuffer(bytes: outcome.sent.flatMap { $0.bytes(key: role.peerKey) }))
        #expect(back.batch.messages == pongs.map { Message(.pong, $0.payload) }, context)
        #expect(sender.expectsTransportEnd && receiver.expectsTransportEnd, context)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `random input has the same outcome however it is split`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let role = Role.both[Int(seed % 2)]
        var bytes = role.fromPeer([.text("Hello"), .ping("p"), .binary([1, 2, 3], isFinal: false), .close(1000)])
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        var endpoint = Endpoint(role: role)
        let whole = try endpoint.deliver([bytes[...]])
        try expect(whole, from: bytes, to: role)
        let sentClose = whole.sent.contains { $0.first == 0x88 }
        #expect(sentClose == (whole.end != nil))
    }
}
