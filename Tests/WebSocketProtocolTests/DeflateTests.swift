import NIOCore
import ProcessSupport
import Testing

@testable import WebSocketProtocol

/// Tests of permessage-deflate in frames (RFC 7692, section 7.2).
@Suite(.serialized, .fewAtATime) struct DeflateTests {
    private static let helloCompressed: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

    private func parameters(_ text: String) throws -> DeflateParameters {
        try #require(try DeflateParameters.agreed(by: ["permessage-deflate\(text)"], isOffered: true))
    }

    private func frame(_ payload: [UInt8], first: UInt8 = 0xC1) -> Frame { Frame(first: first, payload: payload) }

    @Test(arguments: [
        // Section 7.2.3: one frame, fragments, an uncompressed block, a final block, two blocks, and an empty fragment.
        [Frame(first: 0xC1, payload: helloCompressed)],
        [Frame(first: 0x41, payload: [0xF2, 0x48, 0xCD]), Frame(first: 0x80, payload: [0xC9, 0xC9, 0x07, 0x00])],
        [Frame(first: 0xC1, payload: [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00])],
        [Frame(first: 0xC1, payload: [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00])],
        [
            Frame(
                first: 0xC1,
                payload: [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]
            )
        ],
        [Frame(first: 0x41), Frame(first: 0x00, payload: helloCompressed), Frame(first: 0x80)],
    ])
    func `the examples of the RFC are decompressed, however they are split`(frames: [Frame]) throws {
        for role in Role.both {
            // Send the message twice, to check that the state after the first does not affect the second.
            let bytes = role.fromPeer(frames + frames)
            for pieces in cuts(of: bytes) {
                var endpoint = Endpoint(role: role, deflate: DeflateParameters())
                let outcome = try endpoint.deliver(pieces)
                #expect(outcome.messages == [.text("Hello"), .text("Hello")], "\(pieces.map(\.count))")
                #expect(outcome.end == nil)
            }
        }
    }

    @Test func `a message may refer to the previous one only with context takeover`() throws {
        // Section 7.2.3.2: the second "Hello" is a reference to the first.
        let bytes = Role.client.fromPeer([frame(Self.helloCompressed), frame([0xF2, 0x00, 0x11, 0x00, 0x00])])
        var endpoint = Endpoint(role: .client, deflate: DeflateParameters())
        #expect(try endpoint.deliver([bytes[...]]).messages == [.text("Hello"), .text("Hello")])

        var forgetful = Endpoint(role: .client, deflate: try parameters("; server_no_context_takeover"))
        let outcome = try forgetful.deliver([bytes[...]])
        #expect(outcome.messages == [.text("Hello")])
        #expect(outcome.end == .violation(.compressedDataCorrupt))
        #expect(outcome.sent.first?.payload.prefix(2) == [0x03, 0xEF])
    }

    @Test(arguments: Role.both, ["", "; server_no_context_takeover; client_no_context_takeover"])
    func `repeated messages shrink with context takeover and not without it`(role: Role, agreed: String) throws {
        var endpoint = Endpoint(role: role, deflate: try parameters(agreed))
        let message = Message(
            .text,
            Array("{\"id\":1,\"text\":\"what repeats, what repeats, gets shorter and shorter\"}".utf8)
        )
        var sizes: [Int] = []
        for _ in 0..<2 {
            try endpoint.send(MessageBatch([message]))
            sizes.append(try #require(endpoint.takeFrames().first).payload.count)
        }
        #expect(sizes[0] < message.payload.count)
        #expect(agreed.isEmpty ? sizes[1] < 10 : sizes[1] == sizes[0], "\(sizes)")
    }

    @Test func `a message that would grow is sent uncompressed, and the next one still decompresses`() throws {
        var generator = SeededGenerator(seed: 1)
        let noise = Message(.binary, (0..<500).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let words = Message(.text, text(byteCount: 500))
        let messages = [words, noise, words, .text(""), .text("a"), noise, words]
        var sender = Endpoint(role: .client, deflate: DeflateParameters())
        try sender.send(MessageBatch(messages))
        let output = sender.takeBytes()
        let isCompressed = try readFrames(output).map { $0.frame.first & 0x40 != 0 }
        #expect(isCompressed == [true, false, true, false, false, false, true])
        var receiver = Endpoint(role: .server, deflate: DeflateParameters())
        #expect(try receiver.deliver([output[...]]).messages == messages)
        #expect(sender.wirePayload.sent == receiver.wirePayload.received)
        #expect(sender.wirePayload.sent < messages.map(\.payload.count).reduce(0, +))
    }

    @Test(arguments: 8...15)
    func `no reference reaches beyond the agreed window`(bits: Int) throws {
        // Noise that repeats after 1000 bytes shrinks only with a window of more than 1000 bytes.
        var generator = SeededGenerator(seed: 2)
        let noise = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var sender = Endpoint(role: .client, deflate: try parameters("; client_max_window_bits=\(bits)"))
        try sender.send(MessageBatch([Message(.binary, noise + noise)]))
        let output = sender.takeBytes()
        let payload = try #require(try readFrames(output).first).frame
        #expect((payload.payload.count < 1500) == (bits > 10), "\(payload.payload.count)")
        // zlib does not support windows of 8 bits, so the message must be uncompressed with those as well.
        #expect((payload.first & 0x40 != 0) == (bits > 10))
        var receiver = Endpoint(role: .server, deflate: try parameters("; client_max_window_bits=\(bits)"))
        #expect(try receiver.deliver([output[...]]).messages == [Message(.binary, noise + noise)])
    }

    @Test func `a message that ends with a final block and its successor are decompressed`() throws {
        let final = frame([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
        let bytes = Role.client.fromPeer([final, final, frame([0xF2, 0x00, 0x11, 0x00, 0x00])])
        for pieces in cuts(of: bytes) {
            var endpoint = Endpoint(role: .client, deflate: DeflateParameters())
            #expect(try endpoint.deliver(pieces).messages == [.text("Hello"), .text("Hello"), .text("Hello")])
        }
    }

    @Test func `a short message is compressed only with context to refer to`() throws {
        var endpoint = Endpoint(role: .client, deflate: DeflateParameters())
        let short = Message.text("{\"name\":\"wsline\"}")
        let long = Message(.text, Array(repeating: short.payload, count: 10).flatMap { $0 })
        try endpoint.send(MessageBatch([short, long, short]))
        let frames = try endpoint.takeFrames()
        #expect(frames.map { $0.first & 0x40 != 0 } == [false, true, true])
        #expect(frames[2].payload.count < 8)
    }

    @Test(arguments: [1, 2, 125, 1000])
    func `only the first fragment of a compressed message has RSV1`(size: Int) throws {
        var endpoint = Endpoint(role: .client, fragmentSize: size, deflate: DeflateParameters())
        try endpoint.send(MessageBatch([Message(.text, text(byteCount: 4000)), .ping("p")]))
        let frames = try endpoint.takeFrames()
        #expect(frames.first.map { $0.first & 0x70 } == 0x40)
        #expect(frames.dropFirst().allSatisfy { $0.first & 0x70 == 0 })
        #expect(frames.dropLast().allSatisfy { $0.payload.count <= size })
    }

    @Test func `RSV1 is rejected where it is not defined`() throws {
        for (frames, error) in [
            ([Frame(first: 0x41, payload: []), Frame(first: 0xC0)], ProtocolError.reservedBits(4)),
            ([Frame(first: 0xC9)], .reservedBits(4)), ([Frame(first: 0xC8)], .reservedBits(4)),
            ([Frame(first: 0xE1)], .reservedBits(2)),
        ] {
            var endpoint = Endpoint(role: .client, deflate: DeflateParameters())
            let outcome = try endpoint.deliver([Role.client.fromPeer(frames)[...]])
            #expect(outcome == .violation(error, code: 1002))
        }
    }

    @Test(arguments: [[0xFF], [0x06, 0x48, 0xCD], [0xF2, 0x48, 0xCD, 0xC9]] as [[UInt8]])
    func `corrupt compressed data is rejected with code 1007`(payload: [UInt8]) throws {
        var endpoint = Endpoint(role: .client, deflate: DeflateParameters())
        let outcome = try endpoint.deliver([Role.client.fromPeer([frame(payload)])[...]])
        #expect(outcome == .violation(.compressedDataCorrupt, code: 1007))
    }

    @Test func `text is validated while it is decompressed`() throws {
        // A stored block of two bytes, the second of which is not UTF-8, in a message that is not complete.
        var endpoint = Endpoint(role: .client, deflate: DeflateParameters())
        let start = Frame(first: 0x41, payload: [0x00, 0x02, 0x00, 0xFD, 0xFF, 0x61, 0xFF])
        let outcome = try endpoint.deliver([Role.client.fromPeer([start])[...]])
        #expect(outcome == .violation(.textNotUTF8(offset: 1), code: 1007))
    }

    @Test(arguments: [true, false])
    func `a decompressed message may reach the size limit but not exceed it`(isCompressible: Bool) throws {
        var generator = SeededGenerator(seed: 3)
        let bytes = (0..<5000).map { _ in isCompressible ? 0x61 : UInt8.random(in: 0...255, using: &generator) }
        for (count, isTaken) in [(5000, true), (4999, false)] {
            var sender = Endpoint(role: .server, deflate: DeflateParameters())
            try sender.send(MessageBatch([Message(.binary, bytes)]))
            var receiver = Endpoint(role: .client, limits: Limits(messageSize: count), deflate: DeflateParameters())
            let outcome = try receiver.deliver([sender.takeBytes()[...]])
            #expect(outcome.messages.count == (isTaken ? 1 : 0), "\(outcome)")
            if !isTaken { #expect(outcome.sent.first?.payload.prefix(2) == [0x03, 0xF1], "\(outcome)") }
        }
    }
}
