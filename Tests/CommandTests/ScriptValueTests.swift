import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Steps about variables, commands, loops, included files and binary messages.
@Suite(.fewAtATime) struct ScriptValueTests {
    private func run(
        _ script: String,
        _ arguments: [String] = [],
        files: [String: String] = [:]
    ) async throws -> ProgramResult {
        let folder = try ScriptFolder(files.merging(["a.ws": script]) { $1 })
        return try await Program.run(["test", folder.path("a.ws")] + arguments)
    }

    private static let metRows: [String] = [
        // Functions and variables.
        "> ${uuid()}\n<~ ^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        "> ${now()}\n<~ ^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z$", "> ${unix()} ${unixMs()}\n<~ ^\\d{10} \\d{13}$",
        "> ${random(5,5)} ${random(-3, -3)}\n< 5 -3", "> ${counter()} ${counter()}\n> ${counter()}\n< 1 2\n< 3",
        "set a x y\n> ${base64(${a}:é)}\n< eCB5OsOp", "> ${env(HOME)}\n< ${HOME}",
        "set id ${uuid()}\n> ${id}\n< ${id}\n> ${id}\n< ${id}",
        "> {\"a\":[{\"id\":7},\"x y\"]}\n<*\nset id $.a[0].id\nset t $.a[1]\n"
            + "set all $\n> ${id} ${t}\n< 7 x y\n> ${all}\n<json {\"a\":[{\"id\":7},\"x y\"]}",
        "@b connect echo:\n@b > [1]\n@b <*\n> [2]\n<*\n@b set n $[0]\n> ${n}\n< 1",
        "> {\"id\":7,\"tags\":[\"a\",\"b\"],\"at\":{\"x\":1}}\n<json {\"id\":*id:integer,\"tags\":[*first:string, ...],\"at\":*at}\n"
            + "> ${id} ${first} ${at}\n< 7 a {\"x\":1}",
        "on {\"id\":*i} > {\"re\":${i}}\n> {\"id\":5}\n<json {\"re\":5}",
        "> {\"items\":[1,2,3],\"price\":10.5,\"name\":\"ann B\"}\n<*\ncheck $.items count 3\ncheck $.price >= 10.5\n"
            + "check $.name == \"ann ${b}\"\ncheck $.no not exists\ncheck $.items[*] isType integer",
        // Commands.
        "set a !printf 'x\\ny\\n'\n>string \"${a}\"\n<string \"x\\ny\"",
        "set b hello world\nset a !echo \"$b\"\n> ${a}\n< hello world",
        "set a !echo '{\"t\":[1,\"x\"]}' | $.t[1]\n> ${a}\n< x", "set a !echo a | cat\n> ${a}\n< a", "run true",
        "run cat",
        "run exec >&- 2>&-; sleep 0.1", "run sleep 60 &", "set a !pwd | xargs basename\nrun test -e a.ws",
        // Loops.
        "repeat 3\n> x\n< x\nend\n<! 50ms", "for a in x y${counter()} ${b}\n> ${a}\n<~ ^(x|y1|B)$\nend",
        "repeat 0\n< never\nend",
        "repeat 2\n  repeat 2\n    > ${counter()}\n  end\nend\n< 1\n< 2\n< 3\n< 4", "repeat ${n}\n<- x\nend",
        "for a in \"ann  # lee\" \"${b} \\\"\\n\"  c\n>string \"${a}\"\nend\n<string \"ann  # lee\"\n<string \"B \\\"\\n\"\n< c",
        "for c in a b\nconnect echo:\n> ${c}\n< ${c}\nend",
        // Binary messages and blocks.
        ">hex 30 0a 0003 612f63 ff ff 6869\n<hex 30 ?? 0003 612f63 .. 6869", ">hex 00\n<hex ..", ">hex\n<hex ..",
        ">hex 010203\n<hex .. 03", ">hex 01020103\n<hex 01 .. 01 03 ..",
        ">bytes \"INFO \\u00ff\\r\\n\"\n<~b ^INFO (?<info>.)\\r\\n$\n>bytes \"${info}\"\n<hex ff",
        ">base64 AAH/\n<hex 0001ff",
        ">hex 00 01 ff\n<base64 AAH/", ">json {\"a\": [1, 2], \"b\": \"c d\"}\n< {\"a\":[1,2],\"b\":\"c d\"}",
        ">json\n{\"a\": 1,\n  \"b\": \"${b}\"}  \n\n< {\"a\":1,\"b\":\"B\"}",
        "> {\"a\":1,\"b\":[2]}\n<json\n{\"b\":\n\n\n".replacing("\n\n\n", with: "\n[2]}\n"),
        ">json pretty\n{\n  \"a\": 1\n}\n\n<string \"{\\n  \\\"a\\\": 1\\n}\"",
        "@b connect echo:\n@b >json\n[1,\n 2]\n\n@b < [1,2]",
        // Parts of a test.
        "> a\n< a\nfinally\n> b\n< b", "include b.txt\n< included", "skip not yet\n< never",
    ]

    @Test("Statements that are met", arguments: metRows)
    func met(lines: String) async throws {
        let lines = lines.hasPrefix("for c in") ? lines : "connect echo:\n" + lines
        let result = try await run(lines + "\n", ["--set", "b=B", "--set", "n=2"], files: ["b.txt": "> included\n"])
        #expect(result.status == 0, "\(result)")
        #expect(result.error == "", "\(result)")
    }

    private static let unmetRows: [(String, String, String)] = [
        ("set a $.x", ":2: set a $.x", "no step has received a message"),
        ("> {}\n<*\nset a $.x", ":4: set a", "$.x selects no value in {}"),
        ("> [1,2]\n<*\nset a $[*]", ":4:", "2 values"),
        ("> a\n<*\nset a $.x", ":4:", "invalid JSON"), ("check $ exists", ":2:", "no step has received a message"),
        ("> [1]\n<*\ncheck $ count 2", ":4: check", "the last message does not meet this condition\n    $: expected"),
        ("> {\"a\":1}\n<json {\"a\":*:string}", ":3:", "$.a: expected a string, received 1"),
        ("> [1]\n<json [*, *, ...]", ":3:", "$: expected at least 2 elements, received [1]"),
        (">hex 00\n<*\nset a $", ":4:", "the last message is binary"),
        ("run echo why >&2; exit 3", ":2: run", "exited with status 3\n    + why"),
        ("run kill -9 $$", ":2:", "status 137"),
        ("run sleep 60", ":2:", "did not exit within 500 ms"), ("run yes", ":2:", "printed more than 16 MiB"),
        ("set a !echo x | $.a", ":2:", "the text is invalid JSON"), ("set a !printf '\\377'", ":2:", "not UTF-8"),
        ("repeat 1000\nrepeat 1001\ntimeout 1s\nend\nend", ":3: repeat 1001", "too many statements"),
        ("for n in a \"b c\"\n> ${n}\n< a\nend", ":4: < a", "in n = b c\n    - a\n    + b c"),
        ("repeat 2\nfor n in a b\n> ${n}\n< a\nend\nend", ":5:", "in round 1 of 2, n = b\n"),
        ("repeat 2\nend\nrun exit 1", ":4:", "exited with status 1\n0 passed"),
        ("<- a\n> a\n<! 200ms\nfinally\n> b\n< b", ":2: <- a", "\n0 passed, 1 failed"),
        (">hex 0102\n<hex 01 ??03", ":3:", "the message differs\n    - 01 ??03"),
        ("> a\n<hex ..", ":3:", "received text"),
        ("> a\n<~b a", ":3:", "expected a binary message"), ("> a\n< b\nfinally\n< c", ":3: < b", "- b\n    + a"),
        ("finally\n> a\n< b", ":4: < b", "+ a"), ("include b.txt\n< x", ":3: < x", "+ included"),
        ("include c.txt", "c.txt:1: < included", "no message"),
    ]

    @Test("Statements that are not met fail at their line", arguments: unmetRows)
    func unmet(lines: String, place: String, words: String) async throws {
        let files = ["b.txt": "> included\n", "c.txt": "< included"]
        let result = try await run("connect echo:\n\(lines)\n", ["--timeout", "500ms"], files: files)
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains(place), "\(result)")
        #expect(result.text.contains(words), "\(result)")
    }

    @Test("A failure runs the last part of the test, and processes that commands left running end")
    func cleanup() async throws {
        let script = "connect echo:\nrun (sleep 2; touch late) &\n< x\nfinally\nrun touch done\n"
        let folder = try ScriptFolder(["a.ws": script])
        let result = try await Program.run(["test", folder.path("a.ws"), "--timeout", "300ms"])
        #expect(result.status == 1, "\(result)")
        #expect(FileManager.default.fileExists(atPath: folder.path("done")))
        try await Task.sleep(for: .seconds(3))
        #expect(!FileManager.default.fileExists(atPath: folder.path("late")))
    }

    @Test("Reports hide what is secret: by name, by statement, and what a command prints")
    func secrets() async throws {
        let script = """
            set API_TOKEN abcdef123
            set sid !echo secret-sid
            connect echo:
            secret sid
            > ${sid} ${API_TOKEN}
            run echo "$API_TOKEN and $sid" >&2; exit 1
            """
        let result = try await run(script)
        #expect(result.status == 1, "\(result)")
        #expect(!result.text.contains("abcdef123") && !result.text.contains("secret-sid"), "\(result)")
        #expect(result.text.contains("+ ${API_TOKEN} and ${sid}"), "\(result)")
    }

    @Test("A secret is hidden in base64, in its earlier values, and under the name that env() has for it")
    func derivedSecrets() async throws {
        let script = """
            connect echo:
            set a_token first-value
            > ${a_token}
            set a_token second-value
            > ${base64(ann:${a_token})} ${env(HOME)}
            <*
            <*
            < no
            """
        let result = try await run(script, ["--timeout", "200ms"])
        #expect(result.status == 1, "\(result)")
        #expect(
            result.text.contains("> ${a_token}\n") && result.text.contains("> ${base64(ann:${a_token})} /"),
            "\(result)"
        )
        #expect(!result.text.contains("-value") && !result.text.contains("YW5uOn"), "\(result)")
    }

    @Test("Commands and values before the first test are part of each test")
    func preamble() async throws {
        let script =
            "set a !echo ${b}\ntimeout 2s\n== one\nconnect echo:\n> ${a}\n< B\n== two\nconnect echo:\n> ${a}\n< B\n"
        let result = try await run(script, ["--set", "b=B"])
        #expect(result.status == 0, "\(result)")
        #expect(result.text.contains("2 passed"), "\(result)")
    }

    @Test("Values of a command's text stay data: a shell does not run what a server has sent")
    func injection() async throws {
        let script =
            "connect echo:\n> $(touch hacked); touch hacked\n<~ (?<x>.*)\nset y !printf %s \"${x}\"\n> ${y}\n< ${x}\n"
        let folder = try ScriptFolder(["a.ws": script])
        let result = try await Program.run(["test", folder.path("a.ws")])
        #expect(result.status == 0, "\(result)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("hacked")))
    }

    @Test("Standard input can be a socket, as for a program that Node.js starts", arguments: ["-", "/dev/stdin"])
    func socket(name: String) async throws {
        let script = "connect echo:\n> a\n< a\n"
        let (output, status) = try await RawServer.run { client in
            try await client.write(script)
            try await client.endOutput()
            await client.waitForEnd()
        } _: { port in
            try await shell("exec \"$0\" test \"$1\" 2>&1 < /dev/tcp/127.0.0.1/\(port)", name)
        }
        #expect(status == 0 && output.hasPrefix("ok "), "\(output)")
    }

    @Test("Standard input that cannot be read is named")
    func unreadableInput() async throws {
        let (output, status) = try await shell("exec \"$0\" test \"$1\" 2>&1 < /", "-")
        #expect(status == 66 && output.contains("cannot read standard input: is a directory"), "\(output)")
    }

    /// Runs a command of bash, in which $0 is the program, and returns its output and status.
    private func shell(_ command: String, _ argument: String) async throws -> (output: String, status: Int32) {
        let process = try ChildProcess(
            "/bin/bash",
            ["-c", command, Program.folder.appendingPathComponent("wsline").path, argument],
            environment: ProcessInfo.processInfo.environment,
            readsError: false
        )
        let output = await ChildProcess.onThread { (try? process.output.readToEnd()) ?? Data() }
        return (String(decoding: output, as: UTF8.self), await process.status())
    }
}
