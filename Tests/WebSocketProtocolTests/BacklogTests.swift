import NIOCore
import ProcessSupport
import Testing

@testable import WebSocketProtocol

/// Tests of large messages, which are framed and decoded in parts.
@Suite(.serialized, .fewAtATime) struct BacklogTests {
    @Test(arguments: Role.both, [1000, 70_000])
    func `a large fragmented message is framed as its output is taken`(role: Role, size: Int) throws {
        let message = Message.binary(binary(byteCount: 5_345_678))
        var endpoint = Endpoint(role: role, fragmentSize: size)
        try endpoint.send(MessageBatch([.text("before"), message, .ping("after")]))
        try endpoint.send(MessageBatch([.text("at last")]))
        var frames: [Frame] = []
        var outputs = 0
        while let output = endpoint.takeOutput() {
            outputs += 1
            #expect(output.readableBytes < Endpoint.outputSize + FrameHeader.maximumSize + size)
            frames += try readFrames(Array(output.readableBytesView)).map(\.frame)
        }
        #expect(outputs >= 2)
        #expect(!endpoint.hasOutput)
        #expect(frames.first == .text("before"))
        #expect(frames.suffix(2) == [.ping("after"), .text("at last")])
        let fragments = frames.dropFirst().dropLast(2)
        #expect(fragments.map(\.first) == [0x02] + Array(repeating: 0x00, count: fragments.count - 2) + [0x80])
        #expect(fragments.dropLast().allSatisfy { $0.payload.count == size })
        #expect(fragments.flatMap(\.payload) == message.payload)
        #expect(endpoint.wirePayload.sent == message.payload.count + 13)
    }

    @Test(arguments: Role.both)
    func `one-byte fragments take bounded memory`(role: Role) throws {
        let count = 1 << 19
        var endpoint = Endpoint(role: role, fragmentSize: 1)
        try endpoint.send(MessageBatch(.binary, repeatElement(7, count: count)))
        var bytes = 0
        while let output = endpoint.takeOutput() {
            #expect(output.capacity <= 2 * Endpoint.outputSize)
            bytes += output.readableBytes
        }
        #expect(bytes == count * (role == .client ? 7 : 3))
    }

    @Test func `pings are answered between fragments, and the Close frame is sent last`() throws {
        let message = Message.binary(binary(byteCount: 5_000_000))
        var endpoint = Endpoint(role: .server, fragmentSize: 1000)
        try endpoint.send(MessageBatch([message]))
        var frames = try endpoint.takeFrames()
        let count = frames.count
        _ = endpoint.receive(Role.server.fromPeer(.ping("now"), .close(1000)))
        #expect(!endpoint.expectsTransportEnd)
        #expect(throws: SendError.notOpen) { try endpoint.send(MessageBatch(text: "too late")) }
        while endpoint.hasOutput { frames += try endpoint.takeFrames() }
        #expect(endpoint.expectsTransportEnd)
        #expect(frames[count] == .pong("now"))
        #expect(frames.last == .close(1000))
        frames.remove(at: count)
        #expect(frames.dropLast().flatMap(\.payload) == message.payload)
    }

    @Test func `RSV1 is set only on the first fragment of a large compressed message`() throws {
        var generator = SeededGenerator(seed: 1)
        let digits = Array("0123456789abcdef".utf8)
        let message = Message(.text, (0..<4_500_000).map { _ in digits[Int(generator.next() & 15)] })
        var sender = Endpoint(role: .client, fragmentSize: 1000, deflate: DeflateParameters())
        var receiver = Endpoint(role: .server, deflate: DeflateParameters())
        try sender.send(MessageBatch([message, message]))
        var received: [Message] = []
        var firstBytes: [UInt8] = []
        while let output = sender.takeOutput() {
            firstBytes += try readFrames(Array(output.readableBytesView)).map(\.frame.first)
            var buffer = output
            while buffer.readableBytes > 0 { received += receiver.receive(&buffer).batch.messages }
        }
        #expect(received == [message, message])
        #expect(firstBytes.filter { $0 & 0x40 != 0 } == [0x41, 0x41])
        #expect(sender.wirePayload.sent < 6_000_000)
    }

    @Test(arguments: [1000, 700_000, 3 << 20])
    func `one call decompresses a bounded amount and leaves the rest in the buffer`(size: Int) throws {
        let message = Message.binary([UInt8](repeating: 0, count: size))
        let count = (32 << 20) / size
        var sender = Endpoint(role: .server, deflate: DeflateParameters())
        for _ in 0..<count { try sender.send(MessageBatch([message])) }
        sender.close(.normal)
        var buffer = ByteBuffer()
        while var output = sender.takeOutput() { buffer.writeBuffer(&output) }
        #expect(buffer.readableBytes < 1 << 20)

        var receiver = Endpoint(role: .client, deflate: DeflateParameters())
        var messages = 0
        var end: Endpoint.Received.End?
        while buffer.readableBytes > 0, end == nil {
            let received = receiver.receive(&buffer)
            #expect(received.batch.bytes.readableBytes < Limits.batchSize + size)
            messages += received.batch.messageCount
            end = received.end
        }
        #expect(messages == count)
        #expect(end == .close(.normal))
    }
}
