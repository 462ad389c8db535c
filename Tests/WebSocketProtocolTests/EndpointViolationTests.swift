import NIOCore
import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct EndpointViolationTests {
    struct Violation: Sendable, CustomTestStringConvertible {
        var name: String
        var frames: [Frame]
        var error: ProtocolError
        var code: UInt16 = 1002
        var limits = Limits()
        /// The messages received before the violation.
        var messages: [Message] = []

        var testDescription: String { name }
    }

    private static let reservedBits = [(0x40, 4), (0x20, 2), (0x10, 1), (0x60, 6), (0x70, 7)].flatMap { bits, value in
        [0x81, 0x82, 0x01, 0x88, 0x89, 0x8A].map { first in
            Violation(
                name: "reserved bits \(value) on \(first)",
                frames: [Frame(first: UInt8(first | bits), payload: [])],
                error: .reservedBits(UInt8(value))
            )
        }
    }

    private static let reservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map { (opcode: UInt8) in
        Violation(
            name: "opcode \(opcode)",
            frames: [Frame(first: 0x80 | opcode, payload: [1, 2])],
            error: .reservedOpcode(opcode)
        )
    }

    private static let controlFrames = [Opcode.close, .ping, .pong].flatMap { opcode in
        [
            Violation(
                name: "a fragmented \(opcode)",
                frames: [Frame(first: opcode.rawValue, payload: [0x03, 0xE8])],
                error: .fragmentedControlFrame(opcode)
            ),
            Violation(
                name: "a \(opcode) of 126 bytes",
                frames: [Frame(first: 0x80 | opcode.rawValue, payload: [UInt8](repeating: 3, count: 126))],
                error: .controlFrameTooLong(opcode)
            ),
            Violation(
                name: "a \(opcode) with 16 bits of length",
                frames: [Frame(first: 0x80 | opcode.rawValue, payload: [3, 232], length: [126, 0, 2])],
                error: .controlFrameTooLong(opcode)
            ),
            Violation(
                name: "a \(opcode) with 64 bits of length",
                frames: [Frame(first: 0x80 | opcode.rawValue, payload: [3], length: [127, 0, 0, 0, 0, 0, 0, 0, 1])],
                error: .controlFrameTooLong(opcode)
            ),
        ]
    }

    private static let lengths: [Violation] = [
        Violation(
            name: "125 in 16 bits",
            frames: [Frame(first: 0x82, payload: binary(byteCount: 125), length: [126, 0, 125])],
            error: .lengthNotMinimal(125)
        ),
        Violation(
            name: "0 in 16 bits",
            frames: [Frame(first: 0x81, length: [126, 0, 0])],
            error: .lengthNotMinimal(0)
        ),
        Violation(
            name: "0xFFFF in 64 bits",
            frames: [Frame(first: 0x82, length: [127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])],
            error: .lengthNotMinimal(0xFFFF)
        ),
        Violation(
            name: "5 in 64 bits",
            frames: [Frame(first: 0x81, payload: [1, 2, 3, 4, 5], length: [127, 0, 0, 0, 0, 0, 0, 0, 5])],
            error: .lengthNotMinimal(5)
        ),
        Violation(
            name: "a length with the top bit set",
            frames: [Frame(first: 0x82, length: [127, 0x80, 0, 0, 0, 0, 1, 0, 0])],
            error: .lengthTopBitSet
        ),
        Violation(
            name: "a length with all bits set",
            frames: [Frame(first: 0x82, length: [127] + [UInt8](repeating: 0xFF, count: 8))],
            error: .lengthTopBitSet
        ),
    ]

    private static let fragments: [Violation] = [
        Violation(
            name: "a continuation without a message",
            frames: [.continuation("x", isFinal: false)],
            error: .continuationWithoutMessage
        ),
        Violation(
            name: "a final continuation without a message",
            frames: [.continuation("x", isFinal: true)],
            error: .continuationWithoutMessage
        ),
        Violation(
            name: "a continuation after a complete message",
            frames: [
                .text("a", isFinal: false), .continuation("b", isFinal: true), .continuation("c", isFinal: true),
            ],
            error: .continuationWithoutMessage,
            messages: [.text("ab")]
        ),
        Violation(
            name: "text inside a message",
            frames: [.text("a", isFinal: false), .text("b")],
            error: .messageInsideMessage(.text)
        ),
        Violation(
            name: "the start of a text inside a message",
            frames: [.binary([1], isFinal: false), .ping("p"), .text("b", isFinal: false)],
            error: .messageInsideMessage(.text),
            messages: [.ping("p")]
        ),
        Violation(
            name: "binary inside an empty message",
            frames: [.text("", isFinal: false), .binary([])],
            error: .messageInsideMessage(.binary)
        ),
    ]

    private static let closeFrames: [Violation] =
        [
            Violation(
                name: "a Close of one byte",
                frames: [Frame(first: 0x88, payload: [0x03])],
                error: .closePayloadOfOneByte
            ),
            Violation(
                name: "a Close reason that is not UTF-8",
                frames: [Frame(first: 0x88, payload: [0x03, 0xE8, 0x61, 0xFF])],
                error: .closeReasonNotUTF8,
                code: 1007
            ),
            Violation(
                name: "a truncated Close reason",
                frames: [Frame(first: 0x88, payload: [0x03, 0xE8, 0xE2, 0x82])],
                error: .closeReasonNotUTF8,
                code: 1007
            ),
        ]
        + [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535].map { code in
            Violation(name: "close code \(code)", frames: [.close(code, "why")], error: .closeCodeNotAllowed(code))
        }

    private static let limits: [Violation] = [
        Violation(
            name: "a frame over the limit",
            frames: [.binary(binary(byteCount: 11))],
            error: .frameTooLarge(size: 11, limit: 10),
            code: 1009,
            limits: Limits(messageSize: 10)
        ),
        Violation(
            name: "a frame over its own limit",
            frames: [.text("abc", isFinal: false), .continuation("defghij", isFinal: true)],
            error: .frameTooLarge(size: 7, limit: 6),
            code: 1009,
            limits: Limits(messageSize: 20, frameSize: 6)
        ),
        Violation(
            name: "a frame of the maximum length",
            frames: [Frame(first: 0x82, length: [127, 0x7F] + [UInt8](repeating: 0xFF, count: 7))],
            error: .frameTooLarge(size: 0x7FFF_FFFF_FFFF_FFFF, limit: 64 << 20),
            code: 1009
        ),
        Violation(
            name: "a message over the limit in its third fragment",
            frames: [
                .binary(binary(byteCount: 5), isFinal: false), .continuation(binary(byteCount: 5), isFinal: false),
                .continuation([1], isFinal: true),
            ],
            error: .messageTooLarge(size: 11, limit: 10),
            code: 1009,
            limits: Limits(messageSize: 10)
        ),
    ]

    private static let wireViolations =
        reservedBits + reservedOpcodes + controlFrames + lengths + fragments + closeFrames + limits

    private static let invalidText: [(name: String, fragments: [[UInt8]], offset: Int)] = [
        ("a lone continuation byte", [[0x80]], 0),
        ("a lone continuation byte after text", [[0x61, 0x62, 0xBF, 0x63]], 2),
        ("an overlong form of two bytes", [[0x61, 0xC0, 0xAF]], 1),
        ("an overlong form of three bytes", [[0xE0, 0x80, 0xAF]], 1),
        ("an overlong form of four bytes", [[0xF0, 0x80, 0x80, 0xAF]], 1),
        ("a surrogate", [[0x61, 0xED, 0xA0, 0x80, 0x62]], 2),
        ("a code point beyond the last", [[0xF4, 0x90, 0x80, 0x80]], 1),
        ("a lead byte of more than four bytes", [[0xF8, 0x88, 0x80, 0x80, 0x80]], 0),
        ("a character cut short", [[0x61, 0xE2, 0x82]], 3),
        ("a character cut short by the last fragment", [[0xE2], [0x82]], 2),
        ("a character cut short before an empty last fragment", [[0x61, 0xF0, 0x9F], []], 3),
        ("a character cut short by another", [[0x61, 0xC3], [0x61]], 2),
        ("a surrogate over two fragments", [[0x61, 0x62, 0xED], [0xA0, 0x80]], 3),
        ("an overlong form over fragments of one byte", [[0xF0], [0x8F], [0xBF], [0xBF]], 1),
        ("a bad byte in the third fragment", [[0x61, 0xC3], [0xA9], [0x62, 0xFF]], 4),
        ("a bad byte in a first fragment that is not the last", [[0x61, 0xFF], [0x61]], 1),
    ]

    private static let textViolations = invalidText.map { name, fragments, offset in
        Violation(
            name: name,
            frames: fragments.indices.map { index in
                let isLast: UInt8 = index == fragments.count - 1 ? 0x80 : 0
                return Frame(first: isLast | (index == 0 ? 1 : 0), payload: fragments[index])
            },
            error: .textNotUTF8(offset: offset),
            code: 1007
        )
    }

    /// Expects a violation in the middle of other frames: earlier messages are delivered, later ones are ignored.
    private func expectFailure(_ violation: Violation, bytes: [UInt8], role: Role) throws {
        let before = role.fromPeer([.text("before")])
        let after = role.fromPeer([.continuation("", isFinal: true), .text("after"), .ping("after"), .close(1000)])
        let outcome = Outcome.violation(
            violation.error,
            code: violation.code,
            after: [.text("before")] + violation.messages
        )
        var withPongs = outcome
        withPongs.sent = violation.messages.filter { $0.kind == .ping }.map { Frame(first: 0x8A, payload: $0.payload) }
        withPongs.sent += outcome.sent
        try expect(withPongs, from: before + bytes + after, to: role, limits: violation.limits)
    }

    @Test(arguments: Role.both, wireViolations)
    func `a violation ends the connection with its close code`(role: Role, violation: Violation) throws {
        try expectFailure(violation, bytes: role.fromPeer(violation.frames), role: role)
    }

    @Test(arguments: Role.both, textViolations)
    func `text that is not UTF-8 ends the connection with code 1007`(role: Role, violation: Violation) throws {
        try expectFailure(violation, bytes: role.fromPeer(violation.frames), role: role)
    }

    @Test(arguments: [Frame.text("x"), .binary([]), .ping("x"), .pong(), .close(1000), .text("x", isFinal: false)])
    func `masked frames from a server and unmasked ones from a client are rejected`(frame: Frame) throws {
        let masked = Violation(name: "masked", frames: [], error: .maskedFrameFromServer)
        try expectFailure(masked, bytes: frame.bytes(key: [1, 2, 3, 4]), role: .client)
        try expectFailure(masked, bytes: frame.bytes(key: [0, 0, 0, 0]), role: .client)
        let unmasked = Violation(name: "unmasked", frames: [], error: .unmaskedFrameFromClient)
        try expectFailure(unmasked, bytes: frame.bytes(key: nil), role: .server)
    }

    @Test(arguments: Role.both, invalidText.filter { $0.offset < $0.fragments[0].count })
    func `invalid UTF-8 is rejected before the rest of its frame arrives`(
        role: Role,
        text: (name: String, fragments: [[UInt8]], offset: Int)
    ) throws {
        let frame = Frame.text(bytes: text.fragments[0] + [0x61, 0x61]).bytes(key: role.peerKey)
        let headerSize = frame.count - text.fragments[0].count - 2
        var endpoint = Endpoint(role: role)
        let outcome = try endpoint.deliver([frame.prefix(headerSize + text.offset + 1)])
        #expect(outcome == .violation(.textNotUTF8(offset: text.offset), code: 1007))
    }

    @Test(arguments: Role.both)
    func `binary messages need not be UTF-8`(role: Role) throws {
        for (_, fragments, _) in Self.invalidText {
            let frames = fragments.indices.map { index in
                let isLast: UInt8 = index == fragments.count - 1 ? 0x80 : 0
                return Frame(first: isLast | (index == 0 ? 2 : 0), payload: fragments[index])
            }
            try expect(Outcome(messages: [.binary(Array(fragments.joined()))]), from: role.fromPeer(frames), to: role)
        }
    }

    @Test(arguments: Role.both)
    func `a frame over the limit is rejected at its header`(role: Role) throws {
        var endpoint = Endpoint(role: role, limits: Limits(messageSize: 1000))
        let frame = Frame.binary(binary(byteCount: 1001)).bytes(key: role.peerKey)
        let outcome = try endpoint.deliver([frame.prefix(frame.count - 1001)])
        #expect(outcome == .violation(.frameTooLarge(size: 1001, limit: 1000), code: 1009))
    }

    // Run this in a separate process, because a trap would end all tests.
    @Test func `an oversized fragment without limits ends the connection, not the process`() async {
        await #expect(processExitsWith: .success) {
            var endpoint = Endpoint(role: .client, limits: Limits(messageSize: .max))
            let longest = Frame(first: 0x80, length: [127, 0x7F] + [UInt8](repeating: 0xFF, count: 7))
            let received = endpoint.receive(Role.client.fromPeer(.binary([1], isFinal: false), longest))
            guard case .violation(.messageTooLarge) = received.end else { fatalError("\(received)") }
        }
    }
}
