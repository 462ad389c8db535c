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

    @Test("A test runs if one of several filters matches, and mistakes in other tests are ignored")
    func filters() async throws {
        let folder = try ScriptFolder([
            "a.ws": "== one\n\(pass)== two\n\(pass)== three\nconnect echo:\n> ${NO_SUCH_VARIABLE}\n",
            "b.ws": "== four\nnonsense\nconnect ${NO_SUCH_VARIABLE}\n",
        ])
        let result = try await Program.run(["test", "--filter", "one", "--filter", "two", folder.path()])
        #expect(result.status == 0, "\(result)")
        #expect(results(result) == ["ok a.ws: one", "ok a.ws: two"], "\(result)")
        for name in ["three", "four"] {
            #expect(try await Program.run(["test", "--filter", name, folder.path()]).status == 65)
        }
    }

    @Test("--retry runs a failed test again, and reports one that passes then as flaky")
    func retry() async throws {
        let counter = Counter()
        let folder = try ScriptFolder(["b.ws": failing])
        let result = try await RawServer.run { client in
            try await client.upgrade()
            await counter.begin()
            let answer: [UInt8] = await counter.isFirst ? [0x81, 1, 0x62] : [0x81, 1, 0x61]
            try await client.write(answer)
            _ = try await client.readToClose()
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            try folder.write("a.ws", Data("== a\nconnect ws://127.0.0.1:\(port)/\n< a\n".utf8))
            let files = ["--junit", folder.path("out.xml"), "--html", folder.path("out.html")]
            return try await Program.run(
                ["test", "--retry", "2"] + files + [folder.path("a.ws"), folder.path("b.ws")]
            )
        }
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains("a.ws: a ("), "\(result)")
        #expect(result.text.contains("\n  attempt 2 passed; the first failed:\n"), "\(result)")
        #expect(result.text.contains("\n  all 3 attempts failed; the last:\n"), "\(result)")
        #expect(result.text.contains("\n1 passed (1 flaky), 1 failed ("), "\(result)")
        let junit = try folder.read("out.xml")
        #expect(junit.matches(of: /<flakyFailure message="[^"]*" type="failure"><stackTrace>/).count == 1, "\(junit)")
        #expect(
            junit.matches(of: /<rerunFailure\s/).count == 2 && junit.matches(of: /<failure\s/).count == 1,
            "\(junit)"
        )
        #expect(junit.contains("tests=\"2\" failures=\"1\""), "\(junit)")
        #expect(try folder.read("out.html").contains("<b>flaky</b>"))
    }

    @Test("--data runs each test once a row, --env-file sets variables, and --set overrides those")
    func data() async throws {
        let script = "== t\nconnect echo:\n> ${user} ${A} ${B}\n<~ ^${user} (a|o) set$\n"
        let folder = try ScriptFolder([
            "a.ws": script, "rows.csv": "user,A\nann,a\n\"b,o\"\"b\",o\n", "rows.jsonl": "{\"user\":7,\"A\":\"x\"}\n",
            "variables": "B=file\n# comment\nA=file\n", "bad.csv": "user\na,b\n", "wrong": "no assignment\n",
        ])
        func run(_ data: String, _ variables: String = "variables") async throws -> ProgramResult {
            try await Program.run(
                [
                    "test", "--data", folder.path(data), "--env-file", folder.path(variables), "--set", "B=set",
                    folder.path("a.ws"),
                ]
            )
        }
        let passed = try await run("rows.csv")
        #expect(passed.status == 0, "\(passed)")
        #expect(
            results(passed) == ["ok a.ws: t (row 1: user=ann A=a)", "ok a.ws: t (row 2: user=b,o\"b A=o)"],
            "\(passed)"
        )
        let failed = try await run("rows.jsonl")
        #expect(failed.status == 1, "\(failed)")
        #expect(failed.text.contains("t (row 1: A=x user=7)"), "\(failed)")
        for (data, variables, words) in [("bad.csv", "variables", "line 2"), ("rows.csv", "wrong", "line 1")] {
            let result = try await run(data, variables)
            #expect(result.status == 65 && result.error.contains(words), "\(result)")
        }
        #expect(try await run("none.csv").status == 66)
    }

    @Test("--no-commands rejects scripts with commands before anything is sent", arguments: [[], ["--check"]])
    func commands(options: [String]) async throws {
        let script = "connect echo:\n> a\nrepeat 2\nset B !echo b\nend\nfinally\nrun true\n"
        let folder = try ScriptFolder(["a.ws": script, "b.ws": pass])
        let result = try await Program.run(["test", "--no-commands"] + options + [folder.path()])
        #expect(result.status == 65 && result.text == "", "\(result)")
        for place in ["a.ws:4:", "a.ws:7:"] { #expect(result.error.contains(place), "\(result)") }
        let other = try await Program.run(["test", "--no-commands", "--filter", "b.ws"] + options + [folder.path()])
        #expect(other.status == 0, "\(other)")
    }

    @Test("--check runs nothing, and -v prints every message with its time")
    func checkAndVerbose() async throws {
        let folder = try ScriptFolder(["a.ws": "connect echo:\nping / pong\n\(pass.dropFirst(14))< nothing\n"])
        let checked = try await Program.run(["test", "--check", folder.path()])
        #expect(checked.status == 0 && checked.text == "1 test in 1 script, no mistakes\n", "\(checked)")
        let result = try await Program.run(["test", "-v", "--timeout", "100ms", folder.path("a.ws")])
        let lines = result.text.matches(of: /\n  [0-9]+\.[0-9]{3} (.*)/).map { String($0.output.1) }
        let wanted = [
            "* connecting to echo:", "* open", "> ping", "< pong", "> a", "< a", "> close 1000 normal closure",
            "< close 1000 normal closure",
        ]
        #expect(lines == wanted, "\(result)")
    }

    @Test("-v shows no Close from a test whose connection has ended")
    func verboseEnd() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.close(1001, "bye"))
            _ = try await client.readFrame()
        } _: { port in
            let folder = try ScriptFolder(["a.ws": "connect ws://127.0.0.1:\(port)\n<close 1001\n"])
            return try await Program.run(["test", "-v", folder.path("a.ws")])
        }
        #expect(result.status == 0 && result.text.contains("< close 1001 going away"), "\(result)")
        #expect(!result.text.contains("> close"), "\(result)")
    }

    @Test("--record writes a recording of each test that becomes a script")
    func record() async throws {
        let folder = try ScriptFolder(["a.ws": "== x/../y\n\(pass)== two\n@b connect echo:\n@b >hex 00ff\n"])
        let result = try await Program.run(["test", "--record", folder.path("new"), folder.path("a.ws")])
        #expect(result.status == 0, "\(result)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("new")).sorted()
        #expect(files.count == 2 && files.allSatisfy { $0.wholeMatch(of: /000[12]-[\w-]+\.jsonl/) != nil }, "\(files)")
        let script = try await Program.run(["test", "--from", folder.path("new/\(try #require(files.first))")])
        #expect(script.text == "connect echo:\n> a\n< a\nclose 1000\n<close\n", "\(script)")
        let again = try await Program.run(["test", "-"], input: Data(script.text.utf8))
        #expect(again.status == 0, "\(again)")
    }

    @Test("A filter without matches and conflicting options are invalid command lines")
    func usage() async throws {
        let folder = try ScriptFolder(["a.ws": pass])
        for arguments in [
            ["--filter", "nothing"], ["--tap", "--json"], ["--from", "a", "b"], ["--any-order"], ["--jobs", "0"],
            ["--repeat", "x"],
            ["--check", "--junit", "x"], ["--for", "1s"], ["-q", "-v"], ["--retry", "-1"], ["--html", "-"],
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
        let junit = try folder.read("out.xml")
        #expect(junit.contains("tests=\"3\" failures=\"0\" errors=\"0\" time="), "\(junit)")
        #expect(junit.matches(of: /<skipped message="the run was interrupted"/).count == 2, "\(junit)")
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
