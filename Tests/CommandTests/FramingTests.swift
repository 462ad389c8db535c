import Foundation
import ProcessSupport
import TestSupport
import Testing

/// How streams are cut into messages, and messages put together into streams.
@Suite(.fewAtATime) struct FramingTests {
    @Test(
        "What is cut from standard input comes back in standard output, byte for byte",
        arguments: [
            (["-0"], "a\0b\nc\0\0last\0", 4), (["--framing", "nul"], "Grüße\0", 1),
            (["--framing", "lines"], "a\r\n\nb\n", 3), (["--framing", "whole"], "a\nb\0c", 1),
            (["--framing", "stream"], "a\nb\0c", 1), (["--framing", "stream", "-b"], "\n\n", 1),
            (["--framing", "length"], "\0\0\0\u{3}a\nb\0\0\0\0\0\0\0\u{1}\0", 3), (["-0", "-b"], "\u{1}\0", 1),
        ]
    )
    func roundTrip(arguments: [String], stream: String, count: Int) async throws {
        let result = try await Program.run(arguments + ["--count", "\(count)", "echo:"], input: Data(stream.utf8))
        #expect(result.text == stream, "\(result)")
        #expect(result.status == 0, "\(result)")
        #expect(result.error == "", "\(result)")
    }

    @Test("Binary messages of every length and byte come back with --framing length")
    func binary() async throws {
        var stream = Data()
        for count in [0, 1, 125, 126, 65535, 65536, 300_000] {
            stream += withUnsafeBytes(of: UInt32(count).bigEndian) { Data($0) }
            stream += Data((0..<count).map { UInt8(truncatingIfNeeded: $0) })
        }
        let result = try await Program.run(["-b", "--framing", "length", "--count", "7", "echo:"], input: stream)
        #expect(Bool(result.output == stream), "\(result)")
        #expect(result.status == 0, "\(result.error)")
    }

    @Test("With --framing stream bytes are sent as they are read, and a character that a read cuts is sent whole")
    func stream() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade()
            // The second half of the character is written when the first message has arrived.
            let first = try await client.readFrame()
            try await client.write(ServerFrame.frame(0x81, first.payload))
            let second = try await client.readFrame()
            try await client.write(ServerFrame.frame(0x81, Array("|".utf8) + second.payload))
            _ = try await client.readToClose()
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let program = try Program("wsline", ["--framing", "stream", "-w", "0", "127.0.0.1:\(port)"])
            program.write(Data([0x61, 0xC3]))
            #expect(await program.readOutput() == Data("a".utf8))
            program.write(Data([0xA4, 0x62]))
            #expect(await program.readOutput() == Data("|äb".utf8))
            program.endInput()
            return await program.result()
        }
        #expect(result.status == 0, "\(result)")
        #expect(result.error.isEmpty, "\(result)")
    }

    @Test("A line of 64 MiB comes back whole when the limits allow it")
    func longLine() async throws {
        let line = Data(repeating: UInt8(ascii: "x"), count: 64 << 20) + Data("\n".utf8)
        let result = try await Program.run(["-1", "echo:"], input: line)
        #expect(Bool(result.output == line), "\(result)")
        #expect(result.status == 0, "\(result.error)")
    }

    @Test("Nothing is sent of an empty input that is to be one message")
    func emptyWhole() async throws {
        let result = try await Program.run(["--framing", "whole", "echo:"])
        #expect(result.output.isEmpty, "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test(
        "Input that cannot be sent is refused with its place; what stands before it is sent",
        arguments: [
            (
                ["--framing", "length"], [0, 0, 0, 1, 0x61, 0, 0, 0, 5, 0x78], [0, 0, 0, 1, 0x61],
                "message 2 of standard input is incomplete: the input ends after 1 of 5 bytes"
            ),
            (
                ["--framing", "length"], [0, 0, 0], [],
                "message 1 of standard input is incomplete: the input ends after 3 of the 4 bytes"
            ),
            (
                ["--framing", "length"], [0, 0, 0, 2, 0x61, 0xFF], [],
                "message 1 of standard input is not UTF-8 at byte 2"
            ),
            (
                ["-b", "--framing", "length"], [0xFF, 0xFF, 0xFF, 0xFF, 0x61], [],
                "message 1 of standard input is too long: its length is 4294967295 bytes and the limit is 1024 MiB"
            ),
            (["-0"], [0x61, 0, 0xC0, 0], [0x61, 0], "message 2 of standard input is not UTF-8 at byte 1"),
            (["--framing", "whole"], [0x61, 0x0A, 0xE4], [], "standard input is not UTF-8 at byte 4"),
            (["--framing", "stream"], [0x61, 0x0A, 0xE4], [0x61, 0x0A], "standard input is not UTF-8 at byte 4"),
            (
                ["--framing", "stream"], [0xC3, 0xA4, 0xC3, 0x0A], [0xC3, 0xA4],
                "standard input is not UTF-8 at byte 4"
            ),
        ] as [([String], [UInt8], [UInt8], String)]
    )
    func refused(arguments: [String], input: [UInt8], output: [UInt8], words: String) async throws {
        let result = try await Program.run(arguments + ["echo:"], input: Data(input))
        #expect(result.status == 65, "\(result)")
        #expect(Array(result.output) == output, "\(result)")
        #expect(result.error.hasPrefix("wsline: \(words)"), "\(result)")
        #expect(result.error.split(separator: "\n").count == 1, "\(result)")
    }
}
