import NIOCore
import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct EndpointReceivingTests {
    private static let examples: [(name: String, role: Role, bytes: [UInt8], outcome: Outcome)] = [
        (
            "a single-frame unmasked text message", .client, [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F],
            Outcome(messages: [.text("Hello")])
        ),
        (
            "a single-frame masked text message", .server,
            [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58],
            Outcome(messages: [.text("Hello")])
        ),
        (
            "a fragmented unmasked text message", .client, [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F],
            Outcome(messages: [.text("Hello")])
        ),
        (
            "an unmasked ping", .client, [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F],
            Outcome(messages: [.ping("Hello")], sent: [.pong("Hello")])
        ),
        (
            "a masked pong", .server, [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58],
            Outcome(messages: [.pong("Hello")])
        ),
        (
            "256 bytes in a single unmasked frame", .client, [0x82, 0x7E, 0x01, 0x00] + binary(byteCount: 256),
            Outcome(messages: [.binary(binary(byteCount: 256))])
        ),
        (
            "64 KiB in a single unmasked frame", .client,
            [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + binary(byteCount: 65536),
            Outcome(messages: [.binary(binary(byteCount: 65536))])
        ),
    ]

    @Test(arguments: examples)
    func `the examples of section 5_7 are received`(name: String, role: Role, bytes: [UInt8], outcome: Outcome) throws {
        try expect(outcome, from: bytes, to: role)
    }

    @Test(arguments: Role.both, [0, 1, 125, 126, 127, 65535, 65536, 70000])
    func `text and binary messages of any length are received`(role: Role, count: Int) throws {
        let text = text(byteCount: count)
        try expect(
            Outcome(messages: [Message(.text, text)]),
            from: role.fromPeer([.text(bytes: text)]),
            to: role
        )
        let binary = binary(byteCount: count)
        try expect(Outcome(messages: [.binary(binary)]), from: role.fromPeer([.binary(binary)]), to: role)
    }

    @Test(arguments: Role.both, [1, 2, 3, 7, 64, 150])
    func `a message is assembled from any fragments, even ones that split characters`(role: Role, size: Int) throws {
        let text = text(byteCount: 150)
        let frames = stride(from: 0, to: text.count, by: size).map { start in
            let end = min(start + size, text.count)
            let opcode: UInt8 = start == 0 ? 0x01 : 0x00
            return Frame(first: opcode | (end == text.count ? 0x80 : 0), payload: Array(text[start..<end]))
        }
        try expect(Outcome(messages: [Message(.text, text)]), from: role.fromPeer(frames), to: role)
    }

    private static let sequences: [(name: String, frames: [Frame], outcome: Outcome)] = [
        (
            "messages in order",
            [.text("one"), .binary([2]), .text(""), .binary([]), .text("naïve"), .binary([0x80, 0xFF])],
            Outcome(messages: [
                .text("one"), .binary([2]), .text(""), .binary([]), .text("naïve"), .binary([128, 255]),
            ])
        ),
        (
            "empty fragments",
            [.text("", isFinal: false), .continuation("", isFinal: false), .continuation("", isFinal: true)],
            Outcome(messages: [.text("")])
        ),
        (
            "empty fragments between others",
            [
                .binary([], isFinal: false), .continuation([1], isFinal: false), .continuation([], isFinal: false),
                .continuation([2], isFinal: false), .continuation([], isFinal: true), .text("next"),
            ],
            Outcome(messages: [.binary([1, 2]), .text("next")])
        ),
        (
            "control frames between fragments",
            [
                .text("Hel", isFinal: false), .ping("a"), .continuation("l", isFinal: false), .pong("b"), .ping("c"),
                .continuation("o", isFinal: true),
            ],
            Outcome(
                messages: [.ping("a"), .pong("b"), .ping("c"), .text("Hello")],
                sent: [.pong("a"), .pong("c")]
            )
        ),
        (
            "control frames inside a character",
            [
                .text(bytes: [0xE2], isFinal: false), .ping("\u{FF}"), .continuation([0x82], isFinal: false), .pong(),
                .continuation([0xAC], isFinal: true),
            ],
            Outcome(messages: [.ping("\u{FF}"), .pong(), .text("€")], sent: [.pong("\u{FF}")])
        ),
        (
            "pings of every length, answered with what they hold",
            [.ping(), .ping("x"), .ping(String(repeating: "y", count: 125))],
            Outcome(
                messages: [.ping(), .ping("x"), .ping(String(repeating: "y", count: 125))],
                sent: [.pong(), .pong("x"), .pong(String(repeating: "y", count: 125))]
            )
        ),
        (
            "control frames that are not UTF-8",
            [Frame(first: 0x89, payload: [0xFF, 0x00]), Frame(first: 0x8A, payload: [0xC0])],
            Outcome(
                messages: [Message(.ping, [0xFF, 0x00]), Message(.pong, [0xC0])],
                sent: [Frame(first: 0x8A, payload: [0xFF, 0x00])]
            )
        ),
        (
            "pongs that nobody asked for",
            [.pong(), .pong("alive"), .text("x")],
            Outcome(messages: [.pong(), .pong("alive"), .text("x")])
        ),
    ]

    @Test(arguments: Role.both, sequences)
    func `frames are delivered in order`(
        role: Role,
        sequence: (name: String, frames: [Frame], outcome: Outcome)
    ) throws {
        try expect(sequence.outcome, from: role.fromPeer(sequence.frames), to: role)
    }

    @Test(arguments: Role.both)
    func `a message is delivered with its last byte`(role: Role) {
        var endpoint = Endpoint(role: role)
        let bytes = role.fromPeer([
            .text("one"), .ping("two"), .binary([3], isFinal: false), .continuation([], isFinal: true),
        ])
        let ends = Set(
            [[.text("one")], [.ping("two")], [.binary([3], isFinal: false), .continuation([], isFinal: true)]]
                .map { role.fromPeer($0).count }
                .reduce(into: [Int]()) { $0.append(($0.last ?? 0) + $1) }
        )
        for (index, byte) in bytes.enumerated() {
            let received = endpoint.receive(ByteBuffer(bytes: [byte]))
            #expect(received.batch.entries.count == (ends.contains(index + 1) ? 1 : 0), "byte \(index)")
        }
    }

    @Test(arguments: Role.both)
    func `empty buffers and moved reader indexes have no effect`(role: Role) {
        var endpoint = Endpoint(role: role)
        #expect(endpoint.receive(ByteBuffer()).batch.isEmpty)
        var buffer = ByteBuffer(bytes: [0xFF, 0xFF, 0xFF] + role.fromPeer([.text("Hello")]))
        buffer.moveReaderIndex(forwardBy: 3)
        #expect(endpoint.receive(buffer).batch.messages == [.text("Hello")])
        #expect(endpoint.state == .open)
    }

    @Test(arguments: Role.both)
    func `a message may reach the size limit in one or more frames`(role: Role) throws {
        let whole = [UInt8](repeating: 7, count: 10)
        let frames: [Frame] = [
            .binary(whole), .binary([7, 7, 7, 7], isFinal: false),
            .continuation([7, 7, 7, 7, 7, 7], isFinal: false), .continuation([], isFinal: true),
        ]
        let outcome = Outcome(messages: [.binary(whole), .binary(whole)])
        try expect(outcome, from: role.fromPeer(frames), to: role, limits: Limits(messageSize: 10))
    }

    @Test(arguments: Role.both)
    func `a fragmented message may be longer than the frame limit`(role: Role) throws {
        let frames: [Frame] = [.binary([1, 2, 3], isFinal: false), .continuation([4, 5, 6], isFinal: true)]
        let limits = Limits(messageSize: 6, frameSize: 3)
        try expect(
            Outcome(messages: [.binary([1, 2, 3, 4, 5, 6])]),
            from: role.fromPeer(frames),
            to: role,
            limits: limits
        )
    }

    @Test(arguments: Role.both)
    func `control frames do not count against the limits`(role: Role) throws {
        let frames: [Frame] = [.text("ab", isFinal: false), .ping("longer"), .continuation("c", isFinal: true)]
        let outcome = Outcome(messages: [.ping("longer"), .text("abc")], sent: [.pong("longer")])
        try expect(outcome, from: role.fromPeer(frames), to: role, limits: Limits(messageSize: 3))
    }

    @Test func `the default limit is 64 MiB, and the frame limit defaults to the message limit`() {
        #expect(Limits().messageSize == 67_108_864)
        #expect(Limits().frameSize == 67_108_864)
        #expect(Limits(messageSize: 5).frameSize == 5)
        #expect(Limits(messageSize: 5, frameSize: 3).frameSize == 3)
    }

    @Test(arguments: Role.both)
    func `only the latest ping during congestion is answered, afterwards`(role: Role) throws {
        var endpoint = Endpoint(role: role)
        endpoint.isCongested = true
        let received = endpoint.receive(role.fromPeer(.ping("1"), .ping("2"), .text("x"), .ping("3")))
        #expect(received.batch.messages == [.ping("1"), .ping("2"), .text("x"), .ping("3")])
        #expect(endpoint.takeOutput() == nil)
        endpoint.isCongested = true
        #expect(endpoint.takeOutput() == nil)
        endpoint.isCongested = false
        #expect(try endpoint.takeFrames() == [.pong("3")])
        endpoint.isCongested = true
        endpoint.isCongested = false
        #expect(endpoint.takeOutput() == nil)
        _ = endpoint.receive(role.fromPeer(.ping("4"), .ping("5")))
        #expect(try endpoint.takeFrames() == [.pong("4"), .pong("5")])
    }
}
