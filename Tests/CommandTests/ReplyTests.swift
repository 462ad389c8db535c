import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of how long a session waits for replies, and of its report about missing ones.
@Suite(.fewAtATime) struct ReplyTests {
    /// Runs wsline against a server that answers the first messages, and closes when wsline does.
    private func run(
        _ arguments: [String],
        input: String = "1\n2\n",
        answering count: Int,
        after delay: Duration = .zero
    ) async throws -> ProgramResult {
        try await RawServer.run { client in
            try await client.upgrade()
            for _ in 0..<count {
                let frame = try await client.readFrame()
                try await Task.sleep(for: delay)
                try await client.write(ServerFrame.frame(0x81, frame.payload))
            }
            _ = try await client.readToClose()
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            try await Program.run(arguments + ["127.0.0.1:\(port)"], input: Data(input.utf8))
        }
    }

    @Test("A first reply that takes longer than a second is printed", arguments: [[], ["-x", "1"]])
    func slowReply(arguments: [String]) async throws {
        let result = try await run(arguments, input: "1\n", answering: 1, after: .milliseconds(2500))
        #expect(result.text == "1\n", "\(result)")
        #expect(result.status == 0 && result.error.isEmpty, "\(result)")
    }

    @Test(
        "Missing replies are reported with the numbers of messages, unless none were waited for",
        arguments: [
            ([], 1, "wsline: sent 2 messages, received 1; -w SECONDS sets how long to wait\n"),
            (["-w", "0.2"], 0, "wsline: sent 2 messages, received 0; -w SECONDS sets how long to wait\n"),
            (["-w", "0.2", "-x", "1"], 0, "wsline: sent 1 message, received 0; -w SECONDS sets how long to wait\n"),
            (["-q", "-w", "0.2"], 0, ""), (["-w", "0"], 0, ""), (["--send-only"], 0, ""), ([], 2, ""),
            (["--framing", "stream", "-w", "0.2"], 0, ""),
        ]
    )
    func missing(arguments: [String], answers: Int, notice: String) async throws {
        let result = try await run(arguments, answering: answers)
        #expect(result.error == notice, "\(result)")
        #expect(result.text == ["", "1\n", "1\n2\n"][answers], "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test("Input without messages does not wait for replies")
    func noInput() async throws {
        // The time limit is shorter than any wait for replies.
        let result = try await run(["-m", "0.9"], input: "", answering: 0)
        #expect(result.status == 0 && result.error.isEmpty, "\(result)")
    }

    @Test(
        "Receiving fewer messages than -1 or --count asks for is a failure, even with -q",
        arguments: [
            (["-1"], 0, "received 0 of 1 messages"), (["-q", "-1"], 0, "received 0 of 1 messages"),
            (["-q", "--count", "3"], 2, "received 2 of 3 messages"),
        ]
    )
    func count(arguments: [String], answers: Int, words: String) async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade()
            _ = try await client.readFrame()
            for number in 0..<answers { try await client.write(ServerFrame.text("\(number)")) }
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            try await Program.run(arguments + ["-x", "?", "127.0.0.1:\(port)"])
        }
        #expect(result.status == 1, "\(result)")
        #expect(result.error == "wsline: \(words)\n", "\(result)")
    }

    @Test("A wait that ends before -1 is satisfied is a failure")
    func countWithWait() async throws {
        let result = try await run(["-q", "-w", "0.1", "-1"], answering: 0)
        #expect(result.status == 1, "\(result)")
        #expect(result.error == "wsline: received 0 of 1 messages\n", "\(result)")
    }

    @Test(
        "A single binary message is written without a delimiter",
        arguments: [
            ([], 0), (["-b"], 0), (["--binary-as", "raw"], 0), (["--framing", "lines"], 1), (["-0"], 1),
            (["--framing", "stream"], 0), (["--framing", "length"], 4),
        ]
    )
    func bytes(arguments: [String], added: Int) async throws {
        let bytes = (0..<256).map { UInt8($0) }
        let result = try await RawServer.run { client in
            try await client.upgrade()
            try await client.write(ServerFrame.binary(bytes))
            _ = try await client.readToClose()
        } _: { port in
            try await Program.run(arguments + ["-1", "127.0.0.1:\(port)"])
        }
        #expect(result.output.count == 256 + added, "\(result)")
        #expect(result.output.contains(Data(bytes)), "\(result)")
        #expect(result.status == 0, "\(result)")
    }
}
