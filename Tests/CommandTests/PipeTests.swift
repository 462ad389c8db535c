import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of the built program between a producer and a consumer.
@Suite(.fewAtATime) struct PipeTests {
    @Test(
        "Every line of standard input is sent, and every reply is printed",
        arguments: [
            ("a\nb\nc\n", "a\nb\nc\n"),
            ("no newline at the end", "no newline at the end\n"),
            ("\n\nempty lines\n\n", "\n\nempty lines\n\n"),
            ("carriage return\r\n", "carriage return\r\n"),
            ("Grüße 你好 👩‍👩‍👧\n", "Grüße 你好 👩‍👩‍👧\n"),
            ("\u{1B}[2Jkept as it came\u{7}\n", "\u{1B}[2Jkept as it came\u{7}\n"),
            ("", ""),
            ("/ping\n//x\n", "/ping\n//x\n"),
        ]
    )
    func echo(input: String, output: String) async throws {
        let result = try await Program.run(["echo:"], input: Data(input.utf8))
        #expect(result.text == output, "\(result)")
        #expect(result.status == 0, "\(result)")
        #expect(result.error.isEmpty, "\(result)")
    }

    @Test("A connection needs no privileges, for the client and for the server")
    func privileges() async throws {
        // CI runs as root, which has the rights of other users once it has no capabilities.
        let script = #"[ "$(id -u)" != 0 ] || set -- setpriv --bounding-set=-all --inh-caps=-all "$@"; exec "$@" 2>&1"#
        let process = try ChildProcess(
            "/bin/sh",
            ["-c", script, "sh", Program.folder.appendingPathComponent("wsline").path, "-1", "-x", "hello", "echo:"],
            environment: ProcessInfo.processInfo.environment,
            readsError: false
        )
        let output = await ChildProcess.onThread { (try? process.output.readToEnd()) ?? Data() }
        #expect(String(decoding: output, as: UTF8.self) == "hello\n")
        #expect(await process.status() == 0)
    }

    @Test("A hundred thousand lines are echoed completely and in order with --wait 0")
    func manyLines() async throws {
        let input = Data((0..<100_000).map { "line \($0)\n" }.joined().utf8)
        let result = try await Program.run(["-w", "0", "--close-timeout", "60", "echo:"], input: input)
        #expect(Bool(result.output == input), "\(result)")
        #expect(result.status == 0, "\(result.error)")
    }

    @Test("Replies that keep arriving extend --wait until there is one for each message")
    func slowReplies() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade()
            for _ in 0..<6 {
                let frame = try await client.readFrame()
                try await Task.sleep(for: .milliseconds(300))
                try await client.write(ServerFrame.frame(0x81, frame.payload))
            }
            _ = try await client.readToClose()
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["-w", "1", "127.0.0.1:\(port)"], input: Data("1\n2\n3\n4\n5\n6\n".utf8))
        }
        #expect(result.text == "1\n2\n3\n4\n5\n6\n", "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test("A reader that pauses while the pipe is full misses nothing")
    func restingReader() async throws {
        let messages = (0..<60).map { "\($0) \(String(repeating: "x", count: 3000))" }
        let result = try await RawServer.run { client in
            try await client.upgrade()
            for message in messages {
                // One by one, so that each is written separately.
                try await client.write(ServerFrame.text(message))
                try await Task.sleep(for: .milliseconds(2))
            }
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let program = try Program("wsline", ["--receive-only", "127.0.0.1:\(port)"])
            // A pipe has room for 16 messages, since each takes a page.
            while program.unreadOutput < 15 * 3000 { try await Task.sleep(for: .milliseconds(5)) }
            return await program.result()
        }
        #expect(Bool(result.text == messages.map { $0 + "\n" }.joined()), "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test("A line of 20 MiB and the lines around it are echoed unchanged")
    func longLine() async throws {
        let input = Data("before\n\(String(repeating: "x", count: 20 << 20))\nafter\n".utf8)
        let result = try await Program.run(["echo:"], input: input)
        #expect(Bool(result.output == input), "\(result)")
        #expect(result.status == 0, "\(result.error)")
    }

    @Test("Binary messages are echoed unchanged")
    func binary() async throws {
        let input = Data([0x00, 0xFF, 0xFE, 0x0A, 0x80, 0x0A])
        let result = try await Program.run(["-b", "echo:"], input: input)
        #expect(Bool(result.output == input), "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test(
        "Input that is not valid UTF-8 is reported with its line and byte, and everything before it is sent",
        arguments: [
            (
                [0x6F, 0x6B, 0x0A, 0x61, 0xFF, 0x0A, 0x62, 0x0A], "ok\n",
                "line 2 of standard input is not UTF-8 at byte 2;"
            ),
            ([0xC3, 0x0A], "", "line 1 of standard input is not UTF-8 at byte 2;"),
            ([0x61, 0x0A, 0xE4, 0xBD], "a\n", "line 2 of standard input is not UTF-8 at byte 3;"),
        ] as [([UInt8], String, String)]
    )
    func notUTF8(input: [UInt8], output: String, place: String) async throws {
        let result = try await Program.run(["echo:"], input: Data(input))
        #expect(result.status == 65, "\(result)")
        #expect(result.text == output, "\(result)")
        #expect(result.error.hasPrefix("wsline: \(place)"), "\(result)")
    }

    @Test(
        "Messages given with -x are sent in order, and standard input is not read",
        arguments: [
            (["-x", "one", "-x", "two"], "one\ntwo\n"),
            (["-x", "--hi", "-x", "-5"], "--hi\n-5\n"),
            (["-c", "echo:", "-x", "as wscat has it"], "as wscat has it\n"),
            (["-1", "-x", "one", "-x", "two"], "one\n"),
            (["--count", "2", "-x", "1", "-x", "2", "-x", "3"], "1\n2\n"),
            (["--receive-only", "-w", "1", "-x", "one"], "one\n"), (["--send-only", "-x", "one"], ""),
            (["-i", "-x", "one"], "one\nnot read\n"),
        ]
    )
    func execute(arguments: [String], output: String) async throws {
        let target = arguments.contains("echo:") ? [] : ["echo:"]
        let result = try await Program.run(arguments + target, input: Data("not read\n".utf8))
        #expect(result.text == output, "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test("With --count, the session waits for replies without a time limit")
    func lateReply() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade()
            _ = try await client.readFrame()
            // Longer than the second that the session would wait without --count.
            try await Task.sleep(for: .milliseconds(1300))
            try await client.write(ServerFrame.text("late"))
            try await client.write(ServerFrame.close(nil))
            _ = try await client.readFrame()
        } _: { port in
            try await Program.run(["-1", "-x", "?", "127.0.0.1:\(port)"])
        }
        #expect(result.text == "late\n", "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test("--receive-only prints messages until the server closes")
    func receiveOnly() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade(
                then: ServerFrame.text("a") + ServerFrame.ping("p") + ServerFrame.text("b") + ServerFrame.close(1001)
            )
            _ = try await client.readFrame()
        } _: { port in
            try await Program.run(["--receive-only", "-P", "127.0.0.1:\(port)"])
        }
        #expect(result.text == "a\nb\n", "\(result)")
        #expect(result.error == "< ping \"p\"\n", "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test("--echo sends messages back, the last one before the answer to the server's Close")
    func echo() async throws {
        let (echoes, echo) = AsyncStream.makeStream(of: [UInt8].self)
        let result = try await RawServer.run { client in
            defer { echo.finish() }
            try await client.upgrade(
                then: ServerFrame.text("a") + ServerFrame.ping("p") + ServerFrame.binary([0, 1])
                    + ServerFrame.close(1000)
            )
            for _ in 0..<4 {
                let frame = try await client.readFrame()
                echo.yield([frame.first] + frame.payload)
            }
        } _: { port in
            try await Program.run(["--echo", "127.0.0.1:\(port)"], input: Data("not sent\n".utf8))
        }
        var received: [[UInt8]] = []
        for await frame in echoes { received.append(frame) }
        #expect(Set(received) == [[0x81, 0x61], [0x8A, 0x70], [0x82, 0, 1], [0x88, 0x03, 0xE8]], "\(received)")
        #expect(received.last?.first == 0x88, "\(received)")
        #expect(result.text.isEmpty && result.error.isEmpty, "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test("--echo sends no more than --count messages")
    func echoLimit() async throws {
        let close = try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.text("a") + ServerFrame.text("b"))
            #expect(try await client.readFrame().payload == [0x61])
            #expect(try await client.readFrame().first == 0x88)
            try await client.write(ServerFrame.close(1000))
        } _: { port in
            try await Program.run(["--echo", "-1", "127.0.0.1:\(port)"])
        }
        #expect(close.status == 0, "\(close)")
    }

    @Test("Messages after our Close are printed until the server's Close")
    func afterClose() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade()
            while try await client.readFrame().first != 0x88 {}
            try await client.write(ServerFrame.text("afterwards") + ServerFrame.close(1000))
        } _: { port in
            try await Program.run(["-w", "0", "127.0.0.1:\(port)"], input: Data("x\n".utf8))
        }
        #expect(result.text == "afterwards\n", "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test("Closing the output pipe ends the run without an error")
    func closedOutput() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade()
            while true { try await client.write(ServerFrame.text(String(repeating: "x", count: 100_000))) }
        } _: { port in
            let program = try Program("wsline", ["--receive-only", "127.0.0.1:\(port)"])
            #expect(await !program.readOutput().isEmpty)
            program.closeOutput()
            return await program.result()
        }
        #expect(result.error.isEmpty, "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test("An expectation is checked even if nobody reads the output", arguments: [("last", Int32(0)), ("never", 1)])
    func expectationWithoutReader(pattern: String, status: Int32) async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade()
            _ = try await client.readFrame()
            for text in ["first", "last"] { try await client.write(ServerFrame.text(text)) }
            _ = try await client.readToClose()
        } _: { port in
            let program = try Program("wsline", ["-w", "0.5", "--expect", pattern, "127.0.0.1:\(port)"])
            program.closeOutput()
            program.write(Data("x\n".utf8))
            program.endInput()
            return await program.result()
        }
        #expect(result.status == status, "\(result)")
    }
}
