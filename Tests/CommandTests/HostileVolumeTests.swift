import CZlib
import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of servers that send too much: the close code, no deadlock, and bounded memory.
///
/// Serialized, because each test keeps the machine busy.
@Suite(.serialized, .fewAtATime) struct HostileVolumeTests {
    private static let memoryBound = 100 << 20

    /// Waits for a program to end and measures its peak memory.
    private func result(of program: Program) async throws -> (result: ProgramResult, peakMemory: Int) {
        let watching = Task {
            var peak = 0
            while !Task.isCancelled {
                peak = max(peak, program.peakMemory ?? 0)
                try? await Task.sleep(for: .milliseconds(2))
            }
            return peak
        }
        let result = await program.result()
        watching.cancel()
        let peak = await watching.value
        #expect(peak > 0, "the memory of the program could not be measured")
        return (result, peak)
    }

    /// Runs wsline against a server that follows a script, which may return the payload of the client's Close frame.
    private func run(
        _ arguments: [String] = [],
        mode: String = "--receive-only",
        against script: @escaping @Sendable (RawClient) async throws -> [UInt8]?
    ) async throws -> (result: ProgramResult, peakMemory: Int, close: [UInt8]?) {
        let (closes, close) = AsyncStream.makeStream(of: [UInt8].self)
        let (result, peak) = try await RawServer.run { client in
            defer { close.finish() }
            if let payload = try await script(client) { close.yield(payload) }
        } _: { port in
            let program = try Program("wsline", [mode] + arguments + ["127.0.0.1:\(port)"])
            return try await self.result(of: program)
        }
        // If the program never connects, the script never starts.
        close.finish()
        var payload: [UInt8]?
        for await received in closes { payload = received }
        return (result, peak, payload)
    }

    /// Returns the payload of a message of zeros, compressed to a thousandth of its size.
    private static func bomb(mebibytes: Int) async -> [UInt8] {
        // Compressing takes seconds; on its own thread, it does not block the servers of other tests.
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: makeBomb(mebibytes)) }
        }
    }

    private static func makeBomb(_ mebibytes: Int) -> [UInt8] {
        var stream = z_stream()
        czlib_deflate_init_raw(&stream, Z_BEST_COMPRESSION, 15)
        defer { deflateEnd(&stream) }
        var zeros = [UInt8](repeating: 0, count: 1 << 20)
        var output = [UInt8](repeating: 0, count: 2 << 20)
        zeros.withUnsafeMutableBufferPointer { zeros in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                for _ in 0..<mebibytes {
                    stream.next_in = zeros.baseAddress
                    stream.avail_in = UInt32(zeros.count)
                    deflate(&stream, Z_NO_FLUSH)
                }
                deflate(&stream, Z_SYNC_FLUSH)
            }
        }
        // Without the trailing bytes of a flush (RFC 7692, section 7.2.1).
        return Array(output.prefix(Int(stream.total_out) - 4))
    }

    @Test("One GiB compressed to one MiB is rejected with 1009")
    func bomb() async throws {
        let bomb = await Self.bomb(mebibytes: 1024)
        #expect(bomb.count < 1100 << 10)
        let outcome = try await run { client in
            try await client.upgrade(headers: "Sec-WebSocket-Extensions: permessage-deflate\r\n")
            try await client.write(ServerFrame.frame(0xC1, bomb))
            return try await client.readFrame().payload
        }
        #expect(outcome.close?.prefix(2) == [0x03, 0xF1], "\(outcome)")
        #expect(outcome.result.status == 76, "\(outcome)")
        #expect(outcome.result.error.contains("closed with 1009: a message of"), "\(outcome)")
        #expect(
            outcome.result.error.contains("limit of 67108864; --max-message-size"),
            "\(outcome)"
        )
        #expect(outcome.peakMemory < Self.memoryBound, "\(outcome)")
    }

    @Test("One GiB in small messages, compressed to one MiB, is decompressed piece by piece", arguments: [1, 8])
    func bombInMessages(mebibytes: Int) async throws {
        let message = ServerFrame.frame(0xC2, await Self.bomb(mebibytes: mebibytes))
        let outcome = try await run(["--send-only"]) { client in
            try await client.upgrade(headers: "Sec-WebSocket-Extensions: permessage-deflate\r\n")
            for _ in 0..<(1024 / mebibytes) { try await client.write(message) }
            try await client.write(ServerFrame.close(1000))
            return try await client.readFrame().payload
        }
        #expect(outcome.result.status == 0, "\(outcome)")
        #expect(outcome.peakMemory < Self.memoryBound, "\(outcome)")
    }

    @Test("Compressed messages left when a server is gone are decompressed no faster than they are read")
    func bombAtEnd() async throws {
        let message = ServerFrame.frame(0xC2, await Self.bomb(mebibytes: 63))
        let count = 6
        let (result, peak) = try await RawServer.run { client in
            try await client.upgrade(
                headers: "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n",
                then: Array(repeatElement(message, count: count).joined())
            )
        } _: { port in
            let program = try Program("wsline", ["--receive-only", "127.0.0.1:\(port)"])
            // Read late.
            while program.unreadOutput < 60_000 { try await Task.sleep(for: .milliseconds(5)) }
            return try await self.result(of: program)
        }
        #expect(result.status == 74, "\(result.error)")
        #expect(result.output.count == count * ((63 << 20) + 1), "\(result.output.count)")
        #expect(peak < Self.memoryBound, "\(peak >> 20) MiB")
    }

    @Test("--echo reads no more from a server that never reads")
    func echo() async throws {
        let outcome = try await run(["--max-time", "2"], mode: "--echo") { client in
            try await client.upgrade()
            try await client.stopReading()
            let message = ServerFrame.text(String(repeating: "e", count: 1 << 20))
            for _ in 0..<200 { try await client.write(message) }
            return nil
        }
        #expect(outcome.result.status == 75, "\(outcome)")
        #expect(outcome.peakMemory < Self.memoryBound, "\(outcome)")
    }

    @Test("A message in fragments of one byte is sent piece by piece")
    func smallFragments() async throws {
        let message = Data((0..<1 << 19).map { UInt8(truncatingIfNeeded: $0) })
        let (received, receive) = AsyncStream.makeStream(of: [UInt8].self)
        let (result, peak) = try await RawServer.run { client in
            defer { receive.finish() }
            try await client.upgrade()
            // Each fragment has a header of two bytes and a masking key of four.
            receive.yield(try await client.read(7 * message.count))
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let program = try Program(
                "wsline",
                ["--fragment", "1", "--no-compress", "-b", "--framing", "whole", "127.0.0.1:\(port)"]
            )
            async let written: Void = ChildProcess.onThread {
                program.write(message)
                program.endInput()
            }
            let result = try await self.result(of: program)
            await written
            return result
        }
        var wire: [UInt8] = []
        for await bytes in received { wire = bytes }
        #expect(result.status == 0, "\(result)")
        try #require(wire.count == 7 * message.count)
        #expect((0..<message.count).allSatisfy { wire[7 * $0 + 6] ^ wire[7 * $0 + 2] == message[$0] })
        #expect(peak < Self.memoryBound, "\(peak >> 20) MiB")
    }

    @Test("A message of 200 MiB is rejected with 1009, in one frame or in many", arguments: [200 << 20, 1 << 20])
    func longMessage(frameSize: Int) async throws {
        let outcome = try await run { client in
            try await client.upgrade()
            let block = [UInt8](repeating: 0x61, count: 1 << 20)
            for index in 0..<200 {
                let isStart = index % (frameSize >> 20) == 0
                let head: [UInt8] =
                    [index == 0 ? 0x01 : 0x00, 127]
                    + (0..<8).reversed().map { UInt8(truncatingIfNeeded: frameSize >> ($0 * 8)) }
                do {
                    try await client.write((isStart ? head : []) + block)
                } catch { break }
            }
            return try await client.readFrame().payload
        }
        #expect(outcome.close?.prefix(2) == [0x03, 0xF1], "\(outcome)")
        #expect(outcome.result.status == 76, "\(outcome)")
        #expect(outcome.result.error.contains("closed with 1009: a "), "\(outcome)")
        #expect(outcome.peakMemory < Self.memoryBound, "\(outcome)")
    }

    @Test("A frame length of 4 GiB is rejected before any payload has arrived")
    func hugeLength() async throws {
        let outcome = try await run { client in
            try await client.upgrade(then: [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0])
            return try await client.readFrame().payload
        }
        #expect(outcome.close?.prefix(2) == [0x03, 0xF1], "\(outcome)")
        #expect(outcome.result.status == 76, "\(outcome)")
        #expect(
            outcome.result.error.contains("a frame of 4294967296 bytes exceeds the limit of 67108864"),
            "\(outcome)"
        )
    }

    @Test("A million pings are answered before the last message is printed")
    func pingsRead() async throws {
        // On a busy machine, reading a million pongs takes longer than the client waits for the Close by default.
        let outcome = try await run(["-1", "--close-timeout", "600"]) { client in
            try await client.upgrade()
            let block = Array((0..<10_000).map { _ in ServerFrame.ping("ping") }.joined())
            for _ in 0..<100 { try await client.write(block) }
            try await client.write(ServerFrame.text("through"))
            return try await client.readToClose()
        }
        #expect(outcome.result.status == 0, "\(outcome)")
        #expect(outcome.result.text == "through\n", "\(outcome)")
        #expect(outcome.close?.prefix(2) == [0x03, 0xE8], "\(outcome)")
        #expect(outcome.peakMemory < Self.memoryBound, "\(outcome)")
    }

    @Test("A million pings to a client whose pongs are never read do not fill its memory or delay the last message")
    func pingsUnread() async throws {
        let outcome = try await run(["-1"]) { client in
            try await client.upgrade()
            let block = Array((0..<10_000).map { _ in ServerFrame.ping(String(repeating: "p", count: 125)) }.joined())
            for _ in 0..<100 { try await client.write(block) }
            try await client.write(ServerFrame.text("through"))
            // The test ends when the client gives up waiting for this server to read.
            try await Task.sleep(for: .seconds(60))
            return nil
        }
        #expect(outcome.result.status == 0, "\(outcome)")
        #expect(outcome.result.text == "through\n", "\(outcome)")
        #expect(outcome.peakMemory < Self.memoryBound, "\(outcome)")
    }

    @Test("Ten million empty fragments form one message in bounded memory")
    func emptyFragments() async throws {
        let outcome = try await run(["-1"]) { client in
            try await client.upgrade(then: [0x01, 0])
            let block = Array(repeatElement([0, 0] as [UInt8], count: 100_000).joined())
            for _ in 0..<100 { try await client.write(block) }
            try await client.write([0x80, 1, 0x78])
            return try await client.readToClose()
        }
        #expect(outcome.result.status == 0, "\(outcome)")
        #expect(outcome.result.text == "x\n", "\(outcome)")
        #expect(outcome.peakMemory < Self.memoryBound, "\(outcome)")
    }

    @Test(
        "A server that never stops sending cannot extend the time limit of a step",
        arguments: [
            ("<? never", ServerFrame.text("")), ("<ping x", ServerFrame.pong("")),
        ]
    )
    func endless(statement: String, frame: [UInt8]) async throws {
        let flood = Array(repeatElement(frame, count: 10_000).joined())
        let result = try await RawServer.run { client in
            try await client.upgrade()
            while true { try await client.write(flood) }
        } _: { port in
            let program = try Program("wsline", ["test", "-"])
            program.write(Data("connect ws://127.0.0.1:\(port)/\n> x\ntimeout 300ms\n\(statement)\n".utf8))
            program.endInput()
            return await program.result()
        }
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains("within 300 ms"), "\(result)")
    }

    @Test(
        "The head of a proxy's response is bounded",
        arguments: ["HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 200 a"]
    )
    func proxyResponse(part: String) async throws {
        let result = try await RawServer.run { client in
            _ = try await client.readRequest()
            try await client.write(part)
            let flood =
                part.hasSuffix("\n") ? String(repeating: part, count: 1000) : String(repeating: "a", count: 65536)
            while true { try await client.write(flood) }
        } _: { port in
            try await Program.run(["--proxy", "http://127.0.0.1:\(port)", "127.0.0.1:9"])
        }
        #expect(result.status == 69, "\(result)")
        #expect(result.error.contains("invalid response"), "\(result)")
    }

    @Test("A server that reads no answers stops the client, and does not fill its memory")
    func answers() async throws {
        let rule = "~=" + String(repeating: "a", count: 10_000)
        let outcome = try await run(["--on", rule, "--send-only", "-w", "inf", "-m", "3"]) { client in
            try await client.upgrade()
            let flood = Array(repeatElement(ServerFrame.text(""), count: 100_000).joined())
            try await client.stopReading()
            while true { try await client.write(flood) }
        }
        #expect(outcome.result.status == 75, "\(outcome)")
        #expect(outcome.peakMemory < Self.memoryBound, "\(outcome)")
    }

    @Test("Millions of empty messages that a script does not read slow down the server, not the script")
    func emptyMessages() async throws {
        let script = "connect SERVER\n> start\nwait 3s\n< \n"
        let (result, peak) = try await RawServer.run { client in
            try await client.upgrade()
            let flood = Array(repeatElement(ServerFrame.text(""), count: 100_000).joined())
            while true { try await client.write(flood) }
        } _: { port in
            let text = script.replacing("SERVER", with: "ws://127.0.0.1:\(port)/")
            let program = try Program("wsline", ["test", "-"])
            program.write(Data(text.utf8))
            program.endInput()
            return try await self.result(of: program)
        }
        #expect(result.status == 0, "\(result)")
        #expect(peak < Self.memoryBound + (64 << 20), "\(peak >> 20) MiB")
    }
}
