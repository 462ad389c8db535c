import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Servers that break each rule of framing, one at a time: the close code that they get, and what the user reads.
@Suite(.fewAtATime) struct HostilePeerTests {
    /// What the run came to, and the payload of the Close frame that the server got.
    private struct Outcome: Sendable {
        var result: ProgramResult
        var closePayload: [UInt8]?

        var closeCode: UInt16? {
            guard let closePayload, closePayload.count >= 2 else { return nil }
            return UInt16(closePayload[0]) << 8 | UInt16(closePayload[1])
        }
    }

    /// Runs wsline against a server that upgrades, sends bytes and reads up to the client's Close frame.
    private func connect(
        headers: String = "",
        sending bytes: [UInt8],
        _ arguments: [String] = []
    ) async throws -> Outcome {
        let (closes, close) = AsyncStream.makeStream(of: [UInt8].self)
        let result = try await RawServer.run { client in
            defer { close.finish() }
            try await client.upgrade(headers: headers, then: bytes)
            while case let frame = try await client.readFrame() {
                guard frame.first == 0x88 else { continue }
                close.yield(frame.payload)
                break
            }
        } _: { port in
            try await Program.run(["--receive-only"] + arguments + ["127.0.0.1:\(port)"])
        }
        var payload: [UInt8]?
        for await received in closes { payload = received }
        return Outcome(result: result, closePayload: payload)
    }

    @Test(
        "A broken rule is answered with its close code, and told with its section",
        arguments: [
            ([0xC1, 0x00], 1002, "reserved bits RSV1 are set", "5.2"),
            ([0xA1, 0x00], 1002, "reserved bits RSV2 are set", "5.2"),
            ([0x91, 0x00], 1002, "reserved bits RSV3 are set", "5.2"),
            ([0xF2, 0x00], 1002, "reserved bits RSV1, RSV2, RSV3 are set", "5.2"),
            ([0xC9, 0x00], 1002, "reserved bits RSV1 are set", "5.2"),
            ([0x83, 0x00], 1002, "opcode 3 is reserved", "5.2"), ([0x87, 0x00], 1002, "opcode 7 is reserved", "5.2"),
            ([0x8B, 0x00], 1002, "opcode 11 is reserved", "5.2"),
            ([0x8F, 0x00], 1002, "opcode 15 is reserved", "5.2"),
            ([0x09, 0x00], 1002, "a ping frame is fragmented", "5.5"),
            ([0x0A, 0x00], 1002, "a pong frame is fragmented", "5.5"),
            ([0x08, 0x00], 1002, "a close frame is fragmented", "5.5"),
            ([0x89, 126, 0, 126], 1002, "a ping frame is longer than 125 bytes", "5.5"),
            ([0x8A, 127, 0, 0, 0, 0, 0, 1, 0, 0], 1002, "a pong frame is longer than 125 bytes", "5.5"),
            ([0x88, 126, 0, 126], 1002, "a close frame is longer than 125 bytes", "5.5"),
            ([0x81, 126, 0, 125], 1002, "the length 125", "5.2"),
            ([0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 1002, "the length 65535", "5.2"),
            ([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 1], 1002, "a 64-bit length has its top bit set", "5.2"),
            ([0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 1002, "has its top bit set", "5.2"),
            ([0x81, 0x80, 1, 2, 3, 4], 1002, "a frame from the server is masked", "5.1"),
            ([0x8A, 0x81, 1, 2, 3, 4, 5], 1002, "a frame from the server is masked", "5.1"),
            ([0x80, 0x00], 1002, "a continuation frame", "5.4"),
            ([0x00, 0x00], 1002, "a continuation frame", "5.4"),
            ([0x01, 0x00, 0x81, 0x00], 1002, "a text frame", "5.4"),
            ([0x02, 0x00, 0x02, 0x00], 1002, "a binary frame", "5.4"),
            ([0x81, 1, 0xFF], 1007, "a text message is not UTF-8 at byte 0", "8.1"),
            ([0x81, 3, 0xED, 0xA0, 0x80], 1007, "a text message is not UTF-8 at byte 1", "8.1"),
            ([0x81, 4, 0xF4, 0x90, 0x80, 0x80], 1007, "a text message is not UTF-8 at byte 1", "8.1"),
            ([0x81, 2, 0x61, 0xC3], 1007, "a text message is not UTF-8 at byte 2", "8.1"),
            ([0x01, 1, 0xC3, 0x80, 1, 0x28], 1007, "a text message is not UTF-8 at byte 1", "8.1"),
            ([0x01, 1, 0x61, 0x00, 1, 0xFF], 1007, "a text message is not UTF-8 at byte 1", "8.1"),
            ([0x88, 1, 3], 1002, "a close frame has a payload of one byte", "5.5.1"),
            ([0x88, 3, 0x03, 0xE8, 0xFF], 1007, "a close reason is not UTF-8", "5.5.1"),
        ] as [([UInt8], UInt16, String, String)]
    )
    func brokenRule(bytes: [UInt8], code: UInt16, words: String, section: String) async throws {
        let outcome = try await connect(sending: ServerFrame.text("before") + bytes)
        #expect(outcome.closeCode == code, "\(outcome)")
        #expect(outcome.result.status == 76, "\(outcome)")
        #expect(outcome.result.text == "before\n", "\(outcome)")
        #expect(outcome.result.error.contains(" closed with \(code): "), "\(outcome)")
        #expect(outcome.result.error.contains(words), "\(outcome)")
        #expect(outcome.result.error.hasSuffix(" (RFC 6455, section \(section))\n"), "\(outcome)")
        // The server is told too.
        let told = String(decoding: outcome.closePayload?.dropFirst(2) ?? [], as: UTF8.self)
        #expect(told.contains(words), "\(outcome)")
    }

    @Test(
        "A close code that must not be sent is a broken rule",
        arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] as [UInt16]
    )
    func forbiddenCloseCode(code: UInt16) async throws {
        let outcome = try await connect(sending: ServerFrame.close(code))
        #expect(outcome.closeCode == 1002, "\(outcome)")
        #expect(outcome.result.status == 76, "\(outcome)")
        #expect(
            outcome.result.error.contains("close code \(code) must not be sent (RFC 6455, section 7.4)"),
            "\(outcome)"
        )
    }

    @Test(
        "A close code that may be sent is answered with itself",
        arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
            as [UInt16]
    )
    func allowedCloseCode(code: UInt16) async throws {
        let outcome = try await connect(sending: ServerFrame.close(code, "why"))
        #expect(outcome.closeCode == code, "\(outcome)")
        #expect(outcome.result.status == (code <= 1001 ? 0 : 2), "\(outcome)")
        if code > 1001 { #expect(outcome.result.error.contains("connection: \(code) "), "\(outcome)") }
    }

    @Test(
        "What comes after the server's Close is not looked at",
        arguments: [ServerFrame.text("late"), [0xFF, 0xFF, 0xFF], ServerFrame.close(4000), ServerFrame.ping("late")]
    )
    func afterClose(bytes: [UInt8]) async throws {
        let outcome = try await connect(sending: ServerFrame.text("last") + ServerFrame.close(1000) + bytes, ["-P"])
        #expect(outcome.closeCode == 1000, "\(outcome)")
        #expect(outcome.result.status == 0, "\(outcome)")
        #expect(outcome.result.text == "last\n", "\(outcome)")
        #expect(outcome.result.error == "", "\(outcome)")
    }

    @Test(
        "Compression that was agreed on has rules of its own",
        arguments: [
            // The second row is RFC 7692's "Hello", cut short and its first byte broken.
            ([0xC1, 0x01, 0xFF], 1007, "a compressed message cannot be decompressed (RFC 7692, section 7.2.2)"),
            (
                [0xC1, 0x07, 0x06, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], 1007,
                "a compressed message cannot be decompressed"
            ),
            ([0x01, 0x01, 0x61, 0xC0, 0x00], 1002, "RSV1"),
            ([0xC9, 0x00], 1002, "RSV1"),
            ([0xE1, 0x00], 1002, "RSV2"),
        ] as [([UInt8], UInt16, String)]
    )
    func compression(bytes: [UInt8], code: UInt16, words: String) async throws {
        let outcome = try await connect(
            headers: "Sec-WebSocket-Extensions: permessage-deflate\r\n",
            sending: [0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00] + bytes
        )
        #expect(outcome.closeCode == code, "\(outcome)")
        #expect(outcome.result.status == 76, "\(outcome)")
        #expect(outcome.result.text == "Hello\n", "\(outcome)")
        #expect(outcome.result.error.contains(words), "\(outcome)")
    }

    @Test("A server that never answers the Close is given up after --close-timeout")
    func closeTimeout() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade()
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["--close-timeout", "0.3", "-w", "0", "-x", "hi", "127.0.0.1:\(port)"])
        }
        #expect(result.status == 75, "\(result)")
        #expect(result.error.contains(" within 0.3 s; --close-timeout "), "\(result)")
    }

    @Test("The Close says what --close-code and --close-reason say")
    func closeFrame() async throws {
        let (closes, close) = AsyncStream.makeStream(of: [UInt8].self)
        let result = try await RawServer.run { client in
            try await client.upgrade()
            let frame = try await client.readFrame()
            close.yield(frame.payload)
            close.finish()
            try await client.write([0x88, UInt8(frame.payload.count)] + frame.payload)
        } _: { port in
            try await Program.run(
                ["--close-code", "4001", "--close-reason", "genug", "-w", "0", "127.0.0.1:\(port)"]
            )
        }
        for await payload in closes { #expect(payload == [0x0F, 0xA1] + Array("genug".utf8)) }
        #expect(result.status == 0, "\(result)")
    }

    @Test(
        "A Close that may not be sent is a wrong command line",
        arguments: [
            (["--close-code", "1005"], "close code 1005 must not be sent"), (["--close-code", "70000"], "70000"),
            (["--close-reason", String(repeating: "ä", count: 62)], "124 bytes"),
        ]
    )
    func invalidCloseFrame(arguments: [String], words: String) async throws {
        let result = try await Program.run(arguments + ["echo:"])
        #expect(result.status == 64, "\(result)")
        #expect(result.error.contains(words), "\(result)")
    }
}
