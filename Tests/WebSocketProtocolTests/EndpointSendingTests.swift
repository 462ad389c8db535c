import NIOCore
import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct EndpointSendingTests {
    /// Returns the expected frames of a message, computed without the code under test.
    private func fragments(of message: Message, size: Int) -> [Frame] {
        let opcode: UInt8 =
            switch message.kind {
            case .text: 1
            case .binary: 2
            case .ping: 9
            case .pong: 10
            }
        guard message.kind.isMessage, message.payload.count > size else {
            return [Frame(first: 0x80 | opcode, payload: message.payload)]
        }
        var rest = message.payload[...]
        var frames: [Frame] = []
        while !rest.isEmpty {
            let isLast: UInt8 = rest.count <= size ? 0x80 : 0
            frames.append(Frame(first: isLast | (frames.isEmpty ? opcode : 0), payload: Array(rest.prefix(size))))
            rest = rest.dropFirst(size)
        }
        return frames
    }

    @Test func `a server sends the examples of section 5_7 byte for byte`() throws {
        let examples: [(Message, [UInt8])] = [
            (.text("Hello"), [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]),
            (.ping("Hello"), [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]),
            (.pong("Hello"), [0x8A, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]),
            (.binary(binary(byteCount: 256)), [0x82, 0x7E, 0x01, 0x00] + binary(byteCount: 256)),
            (.binary(binary(byteCount: 65536)), [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + binary(byteCount: 65536)),
        ]
        for (message, bytes) in examples {
            var endpoint = Endpoint(role: .server)
            try endpoint.send(MessageBatch([message]))
            #expect(endpoint.takeOutput() == ByteBuffer(bytes: bytes))
        }
        var endpoint = Endpoint(role: .server, fragmentSize: 3)
        try endpoint.send(MessageBatch(text: "Hello"))
        let bytes: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]
        #expect(endpoint.takeOutput() == ByteBuffer(bytes: bytes))
    }

    @Test func `a client masks Hello and sends the key with it`() throws {
        var endpoint = Endpoint(role: .client)
        try endpoint.send(MessageBatch(text: "Hello"))
        let bytes = endpoint.takeBytes()
        #expect(bytes.prefix(2) == [0x81, 0x85])
        try #require(bytes.count == 11)
        #expect(xor(Array(bytes[6...]), Array(bytes[2..<6])) == Array("Hello".utf8))
    }

    @Test(arguments: Role.both, [0, 1, 125, 126, 127, 65535, 65536, 70000])
    func `a message of any length is sent as one frame with a minimal length`(role: Role, count: Int) throws {
        for message in [Message(.text, text(byteCount: count)), .binary(binary(byteCount: count))] {
            var endpoint = Endpoint(role: role)
            try endpoint.send(MessageBatch([message]))
            let output = endpoint.takeBytes()
            let extended = count < 126 ? 0 : count < 65536 ? 2 : 8
            #expect(output.count == 2 + extended + (role == .client ? 4 : 0) + count)
            let sent = try readFrames(output)
            let isAsExpected = sent.map(\.frame) == fragments(of: message, size: .max)
            #expect(isAsExpected, "\(count) bytes")
            #expect(sent.allSatisfy { ($0.key != nil) == (role == .client) })
        }
    }

    @Test func `a client masks each frame with a different key`() throws {
        var endpoint = Endpoint(role: .client, fragmentSize: 2)
        var keys: [[UInt8]] = []
        for _ in 0..<100 {
            try endpoint.send(MessageBatch([.text("Hello"), .ping("x")]))
            let output = endpoint.takeBytes()
            keys += try readFrames(output).compactMap(\.key)
        }
        #expect(keys.count == 400)
        // The probability is 1 in 50,000 that any two keys are equal, and 1 in 10¹⁴ for three pairs.
        #expect(Set(keys).count > keys.count - 3)
    }

    @Test(arguments: Role.both, [0, 1, 2, 3, 4, 5, 6, 7, 125, 126, 127, 300])
    func `a message is split into fragments of the requested size`(role: Role, count: Int) throws {
        for size in [1, 2, 3, 5, 6, 7, 125, 126, 299, 300, 301, .max] {
            for message in [Message(.text, text(byteCount: count)), .binary(binary(byteCount: count))] {
                var endpoint = Endpoint(role: role, fragmentSize: size)
                try endpoint.send(MessageBatch([message]))
                #expect(try endpoint.takeFrames() == fragments(of: message, size: size), "fragments of \(size)")
            }
        }
    }

    @Test(arguments: Role.both)
    func `fragments may be longer than 65,535 bytes`(role: Role) throws {
        let message = Message.binary(binary(byteCount: 200_000))
        var endpoint = Endpoint(role: role, fragmentSize: 70_000)
        try endpoint.send(MessageBatch([message]))
        let sent = try endpoint.takeFrames()
        #expect(sent.map(\.payload.count) == [70_000, 70_000, 60_000])
        let isAsExpected = sent == fragments(of: message, size: 70_000)
        #expect(isAsExpected)
    }

    private static let mixed: [Message] = [
        .text("naïve"), .ping("p"), .binary([0, 255, 1]), .text(""), .pong("q"), .binary([]), .ping(), .pong(),
        .ping(String(repeating: "x", count: 125)), Message(.binary, binary(byteCount: 300)), .text("last"),
    ]

    @Test(arguments: Role.both)
    func `a batch with every kind of entry is sent in order`(role: Role) throws {
        var endpoint = Endpoint(role: role)
        try endpoint.send(MessageBatch(Self.mixed))
        #expect(try endpoint.takeFrames() == Self.mixed.flatMap { fragments(of: $0, size: .max) })
        #expect(endpoint.takeOutput() == nil)
        #expect(endpoint.state == .open)
    }

    @Test(arguments: Role.both, [1, 2, 64, 124])
    func `pings and pongs are never fragmented`(role: Role, size: Int) throws {
        var endpoint = Endpoint(role: role, fragmentSize: size)
        try endpoint.send(MessageBatch(Self.mixed))
        // Control frames must not be fragmented, however small the fragments are (section 5.5).
        #expect(try endpoint.takeFrames() == Self.mixed.flatMap { fragments(of: $0, size: size) })
    }

    @Test(arguments: Role.both)
    func `automatic pongs and Close frames are never fragmented`(role: Role) throws {
        var endpoint = Endpoint(role: role, fragmentSize: 1)
        _ = endpoint.receive(role.fromPeer(.ping("Hello")))
        endpoint.close(try CloseFrame(code: .goingAway, reason: "bye"))
        #expect(try endpoint.takeFrames() == [.pong("Hello"), .close(1001, "bye")])
    }

    @Test(arguments: Role.both)
    func `output contains all pending frames in the order of the calls`(role: Role) throws {
        var endpoint = Endpoint(role: role)
        try endpoint.send(MessageBatch(text: "one"))
        _ = endpoint.receive(role.fromPeer(.ping("two")))
        try endpoint.send(MessageBatch(text: "three"))
        #expect(try endpoint.takeFrames() == [.text("one"), .pong("two"), .text("three")])
        try endpoint.send(MessageBatch(text: "four"))
        #expect(try endpoint.takeFrames() == [.text("four")])
        #expect(endpoint.takeOutput() == nil)
    }

    @Test(arguments: Role.both)
    func `an empty batch sends nothing`(role: Role) throws {
        var endpoint = Endpoint(role: role)
        try endpoint.send(MessageBatch())
        #expect(endpoint.takeOutput() == nil)
    }

    @Test(arguments: Role.both)
    func `payload offsets are relative to the reader index`(role: Role) throws {
        var bytes = ByteBuffer(string: "gone|one\ntwo\nthree\n")
        bytes.moveReaderIndex(forwardBy: 5)
        var endpoint = Endpoint(role: role)
        let entries: [MessageBatch.Entry] = [
            .init(.binary, offset: 8, count: 5), .init(.text, offset: 0, count: 3), .init(.text, offset: 14, count: 0),
        ]
        try endpoint.send(MessageBatch(bytes: bytes, entries: entries))
        #expect(try endpoint.takeFrames() == [.binary(Array("three".utf8)), .text("one"), .text("")])
    }

    @Test(arguments: Role.both, [MessageBatch.Kind.ping, .pong])
    func `a batch with a control payload over 125 bytes is rejected as a whole`(
        role: Role,
        kind: MessageBatch.Kind
    ) throws {
        var endpoint = Endpoint(role: role)
        for count in [126, 127, 70_000] {
            let batch = MessageBatch([.text("one"), Message(kind, binary(byteCount: count)), .text("two")])
            #expect(throws: SendError.controlPayloadTooLong(count)) { try endpoint.send(batch) }
            #expect(endpoint.takeOutput() == nil)
        }
        #expect(Endpoint.maximumControlPayload == 125)
        let longest = Message(kind, binary(byteCount: 125))
        try endpoint.send(MessageBatch([longest]))
        #expect(try endpoint.takeFrames() == fragments(of: longest, size: .max))
        #expect(endpoint.state == .open)
    }

    @Test(arguments: Role.both)
    func `rejecting a batch keeps the pending output`(role: Role) throws {
        var endpoint = Endpoint(role: role)
        try endpoint.send(MessageBatch(text: "kept"))
        let refused = MessageBatch([.text("lost"), Message(.ping, binary(byteCount: 126))])
        #expect(throws: SendError.controlPayloadTooLong(126)) { try endpoint.send(refused) }
        #expect(try endpoint.takeFrames() == [.text("kept")])
    }
}
