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

/// Tests of which tests `wsline test` runs, in which order, and how it ends.
@Suite(.fewAtATime) struct TestSuiteTests {
    private let pass = "connect echo:\n> a\n< a\n"
    private let failing = "connect echo:\n> a\n< b\n"

    /// Returns the result and the name of each test in a report.
    private func results(_ result: ProgramResult) -> [String] {
        result.text.split(separator: "\n").filter { $0.hasPrefix("ok ") || $0.hasPrefix("FAILED ") }.map { line in
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            return
                "\(words[0]) \(words[1].split(separator: "/").last ?? "") \(words.dropFirst(2).dropLast(2).joined(separator: " "))"
                .trimmingCharacters(in: .whitespaces)
        }
    }

    @Test("Folders are searched in the order of names, without hidden files, other files and links to folders")
    func folders() async throws {
        let folder = try ScriptFolder([
            "b.ws": pass, "a/2.ws": pass, "a/1.ws": pass, "c.txt": failing, ".d.ws": failing, ".e/1.ws": failing,
        ])
        try FileManager.default.createSymbolicLink(atPath: folder.path("a/up"), withDestinationPath: folder.path())
        let result = try await Program.run(["test", folder.path()])
        #expect(result.status == 0, "\(result)")
        #expect(results(result) == ["ok 1.ws: echo:", "ok 2.ws: echo:", "ok b.ws: echo:"], "\(result)")
    }

    @Test("A missing file or a folder without scripts ends with status 66 before any test runs")
    func missing() async throws {
        let folder = try ScriptFolder(["a.ws": pass, "empty/x.txt": ""])
        for name in ["no.ws", "empty"] {
            let result = try await Program.run(["test", folder.path("a.ws"), folder.path(name)])
            #expect(result.status == 66, "\(result)")
            #expect(result.text == "", "\(result)")
            #expect(result.error.contains(name), "\(result)")
        }
    }

    @Test("Tests run in parallel are reported in order, one round of --repeat after the other")
    func jobs() async throws {
        let slow = "== slow\nconnect echo:\nwait 300ms\n> a\n< a\n== quick\n" + pass
        let folder = try ScriptFolder(["a.ws": slow, "b.ws": failing])
        let result = try await Program.run(["test", "--jobs", "8", "--repeat", "2", folder.path()])
        #expect(result.status == 1, "\(result)")
        let round = { (number: Int) in
            [
                "ok a.ws: slow (\(number) of 2)", "ok a.ws: quick (\(number) of 2)",
                "FAILED b.ws: echo: (\(number) of 2)",
            ]
        }
        #expect(results(result) == round(1) + round(2), "\(result)")
        #expect(result.text.contains("\n4 passed, 2 failed ("), "\(result)")
    }

    @Test("--fail-fast stops after the first failure")
    func failFast() async throws {
        let folder = try ScriptFolder(["a.ws": pass, "b.ws": failing, "c.ws": pass])
        let result = try await Program.run(["test", "--fail-fast", folder.path()])
        #expect(result.status == 1, "\(result)")
        #expect(results(result) == ["ok a.ws: echo:", "FAILED b.ws: echo:"], "\(result)")
        #expect(result.text.contains("\n1 passed, 1 failed, 1 not run ("), "\(result)")
    }

    @Test(
        "--filter selects tests by the name of the test or its file",
        arguments: [("two", ["ok a.ws: two", "ok two.ws: echo:"]), ("a.ws: o", ["ok a.ws: one"])]
    )
    func filter(text: String, names: [String]) async throws {
        let folder = try ScriptFolder(["a.ws": "== one\n\(pass)== two\n\(pass)", "two.ws": pass])
        let result = try await Program.run(["test", "--filter", text, folder.path()])
        #expect(result.status == 0, "\(result)")
        #expect(results(result) == names, "\(result)")
    }

    @Test("A filter without matches and conflicting options are invalid command lines")
    func usage() async throws {
        let folder = try ScriptFolder(["a.ws": pass])
        for arguments in [
            ["--filter", "nothing"], ["--tap", "--json"], ["--from", folder.path("a.ws")], ["--jobs", "0"],
            ["--repeat", "x"],
            ["--timeout", "soon"], ["--set", "A"], ["--set", "1=a"],
        ] {
            let result = try await Program.run(["test"] + arguments + [folder.path("a.ws")])
            #expect(result.status == 64, "\(result)")
            #expect(result.text == "", "\(result)")
        }
        #expect(try await Program.run(["test"]).status == 64)
    }

    @Test("--set overrides the environment, captured values override both, and each test starts anew")
    func variables() async throws {
        let script = """
            == one
            connect echo:
            > ${A} ${B}
            < set environment
            > A=captured
            <~ =(?<A>.*)
            > ${A}
            < captured
            == two
            connect echo:
            > ${A}
            < set
            """
        let result = try await Program.run(
            ["test", "--set", "A=no", "--set", "A=set", "-"],
            input: Data(script.utf8),
            environment: ["A": "environment", "B": "environment"]
        )
        #expect(result.status == 0, "\(result)")
    }

    @Test("-q prints failures and totals, and --color always colors them")
    func quiet() async throws {
        let folder = try ScriptFolder(["a.ws": pass, "b.ws": failing])
        let result = try await Program.run(["test", "-q", "--color", "always", folder.path()])
        #expect(result.status == 1, "\(result)")
        #expect(result.text.hasPrefix("\u{1B}[31mFAILED\u{1B}["), "\(result)")
        #expect(result.text.contains("\n1 passed, 1 failed ("), "\(result)")
    }

    @Test(
        "An interrupted run reports the finished tests, and its exit status names the signal",
        arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)]
    )
    func interrupt(signal: Int32, status: Int32) async throws {
        let folder = try ScriptFolder(["a.ws": pass, "b.ws": "connect echo:\nwait 10m\n", "c.ws": pass])
        let program = try Program("wsline", ["test", "--junit", folder.path("out.xml"), folder.path()])
        let first = String(decoding: await program.readOutput(), as: UTF8.self)
        #expect(first.hasPrefix("ok "))
        program.signal(signal)
        let result = await program.result()
        #expect(result.status == status, "\(result)")
        #expect(result.text.hasPrefix("1 passed, 0 failed, 2 not run ("), "\(result)")
        #expect(result.error == "", "\(result)")
        #expect(try folder.read("out.xml").contains("tests=\"1\" failures=\"0\""))
    }

    @Test("An interrupt while a test is connecting reports the tests that passed after it")
    func interruptSideBySide() async throws {
        let folder = try ScriptFolder([:])
        let result = try await RawServer.run { hanging in
            await hanging.waitForEnd()
        } _: { silent in
            let counter = Counter()
            return try await RawServer.run { client in
                try await client.upgrade()
                // The third starts when the first two have ended.
                await counter.begin()
                _ = try await client.readToClose()
                try await client.write(ServerFrame.close(1000))
                await client.waitForEnd()
            } _: { port in
                try folder.write(
                    "a.ws",
                    Data("connect ws://127.0.0.1:\(silent)/\nconnect-timeout 600\ntimeout 10m\n".utf8)
                )
                for name in ["b", "c", "d"] {
                    try folder.write("\(name).ws", Data("connect ws://127.0.0.1:\(port)/\n".utf8))
                }
                let program = try Program("wsline", ["test", "--jobs", "2", folder.path()])
                await counter.wait(for: 3)
                program.signal(SIGINT)
                return await program.result()
            }
        }
        #expect(result.status == 130, "\(result)")
        #expect(results(result).map { $0.prefix(7) }.prefix(2) == ["ok b.ws", "ok c.ws"], "\(result)")
        #expect(result.text.contains(" not run ("), "\(result)")
    }

    @Test("Closing the output pipe changes neither the exit status nor the JUnit report")
    func closedOutput() async throws {
        let folder = try ScriptFolder(["a.ws": pass, "b.ws": "connect echo:\nwait 300ms\n> x\n< y\n"])
        let arguments = ["--junit", folder.path("report.xml"), folder.path("a.ws"), folder.path("b.ws")]
        let program = try Program("wsline", ["test", "--repeat", "3"] + arguments)
        _ = await program.readOutput()
        program.closeOutput()
        let result = await program.result()
        #expect(result.status == 1, "\(result)")
        #expect(result.error == "", "\(result)")
        let report = try String(contentsOfFile: folder.path("report.xml"), encoding: .utf8)
        #expect(report.contains("tests=\"6\" failures=\"3\""), "\(report)")
    }

    @Test("A script with mistakes ends with status 65 before any test runs")
    func status() async throws {
        let files = try ScriptFolder(["good.ws": "connect echo:\n> a\n< a\n", "a b.ws": "connect echo:\n> a\n<jsn\n"])
        let result = try await Program.run(["test", files.path("good.ws"), files.path("a b.ws")])
        #expect(result.status == 65, "\(result)")
        #expect(result.text == "", "\(result)")
        #expect(
            result.error.hasPrefix("\(files.path("a b.ws")):3:1: unknown operator <jsn; did you mean <json?"),
            "\(result)"
        )
        #expect(
            result.error.hasSuffix("\n  <jsn\n  ^\nwsline: 1 mistake in the script; nothing was sent\n"),
            "\(result)"
        )
    }

    @Test("Only the first mistakes of a file that is no script are shown")
    func noScript() async throws {
        let files = try ScriptFolder(["a.ws": String(repeating: "Words.\n", count: 60)])
        let result = try await Program.run(["test", files.path("a.ws")])
        let end = "\n… and 35 more\nwsline: 60 mistakes in the script; nothing was sent\n"
        #expect(result.error.hasSuffix(end), "\(result)")
        #expect(result.error.split(separator: "\n").count == 3 * 25 + 2, "\(result)")
    }

    @Test("Invalid UTF-8 is reported, and a byte order mark and Windows line breaks are accepted")
    func encodings() async throws {
        let files = try ScriptFolder([:])
        try files.write("latin.ws", Data("connect echo:\n> gr\u{FC}".unicodeScalars.map { UInt8($0.value) }))
        let latin = try await Program.run(["test", files.path("latin.ws")])
        #expect(latin.status == 65, "\(latin)")
        #expect(latin.error.contains("latin.ws:2:5: "), "\(latin)")
        try files.write("windows.ws", Data("\u{FEFF}connect echo:\r\n> a  # b\r\n< a\r\n<! 10ms\r\n".utf8))
        let windows = try await Program.run(["test", files.path("windows.ws")])
        #expect(windows.status == 0, "\(windows)")
    }
}

/// Counts tests that have begun, and waits for a number of them.
private actor Counter {
    private var count = 0
    private var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?

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
