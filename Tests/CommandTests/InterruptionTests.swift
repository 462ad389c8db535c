import Foundation
import ProcessSupport
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Tests of the last part of tests that a signal interrupts.
@Suite(.fewAtATime) struct InterruptionTests {
    /// Runs a test that waits after its first message, and interrupts it; once more, if there is a second signal, after
    /// its last part has sent a message.
    private func interrupt(
        _ cleanup: String,
        _ folder: ScriptFolder,
        limit: String = "10s",
        signals: [Int32]
    ) async throws -> ProgramResult {
        let counter = Counter()
        return try await RawServer.run { client in
            try await client.upgrade()
            for _ in signals {
                _ = try await client.readFrame()
                await counter.begin()
            }
            _ = try await client.readToClose()
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let script = "connect ws://127.0.0.1:\(port)/\ntimeout \(limit)\n> begun\nwait 10m\nfinally\n\(cleanup)\n"
            try folder.write("a.ws", Data(script.utf8))
            let program = try Program("wsline", ["test", "--junit", folder.path("out.xml"), folder.path("a.ws")])
            for (index, signal) in signals.enumerated() {
                await counter.wait(for: index + 1)
                program.signal(signal)
            }
            return await program.result()
        }
    }

    @Test(
        "An interrupt runs the last part of a test, which can use its connections",
        arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)]
    )
    func interruptCleanup(signal: Int32, status: Int32) async throws {
        let folder = try ScriptFolder([:])
        let result = try await interrupt("> bye\nrun touch done", folder, signals: [signal])
        #expect(result.status == status, "\(result)")
        #expect(result.text.hasPrefix("0 passed, 0 failed, 1 not run ("), "\(result)")
        #expect(FileManager.default.fileExists(atPath: folder.path("done")))
        #expect(try folder.read("out.xml").contains("<skipped message=\"the run was interrupted\""))
    }

    @Test("The failure of the last part of an interrupted test is reported")
    func interruptFailingCleanup() async throws {
        let result = try await interrupt("run exit 3", try ScriptFolder([:]), signals: [SIGINT])
        #expect(result.status == 130, "\(result)")
        #expect(
            result.text.contains(":6: run exit 3\n    the command exited with status 3\n0 passed, 1 failed ("),
            "\(result)"
        )
    }

    @Test("The last part of an interrupted test can take as long as one step")
    func interruptLongCleanup() async throws {
        let result = try await interrupt(
            "repeat 1000\nwait 1s\nend",
            try ScriptFolder([:]),
            limit: "2s",
            signals: [SIGINT]
        )
        #expect(result.status == 130, "\(result)")
        #expect(result.text.hasPrefix("0 passed, 0 failed, 1 not run ("), "\(result)")
    }

    @Test("A second signal ends the run immediately")
    func interruptTwice() async throws {
        let folder = try ScriptFolder([:])
        let result = try await interrupt("> bye\nwait 10m", folder, limit: "10m", signals: [SIGINT, SIGTERM])
        #expect(result.status == 143, "\(result)")
        #expect(result.text == "", "\(result)")
    }
}

/// Counts tests that have begun, and waits for a number of them.
actor Counter {
    private var count = 0
    private var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?

    var isFirst: Bool { count == 1 }

    func begin() {
        count += 1
        if let waiting, count >= waiting.count {
            waiting.continuation.resume()
            self.waiting = nil
        }
    }

    func wait(for wanted: Int) async {
        guard count < wanted else { return }
        await withCheckedContinuation { waiting = (wanted, $0) }
    }
}
