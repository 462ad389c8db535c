import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of the reports of `wsline test`: text, TAP, JSON and JUnit XML.
@Suite(.fewAtATime) struct TestReportTests {
    private let script = """
        == good
        connect echo:
        > a
        < a
        == bad
        connect echo:
        > {"id":7,"name":"it's"}
        < {"id":8,"name":"it's"}
        """

    private func run(_ arguments: [String], _ script: String? = nil) async throws -> ProgramResult {
        try await Program.run(["test"] + arguments + ["-"], input: Data((script ?? self.script).utf8))
    }

    private func withoutTimes(_ text: String) -> String {
        text.replacing(#/ \([0-9.]+ (ms|s)\)/#, with: " (TIME)").replacing(
            /duration_ms: \d+/,
            with: "duration_ms: TIME"
        )
        .replacing(/"seconds":[0-9.]+/, with: "\"seconds\":TIME")
        .replacing(/<system-out>.*<\/system-out>/, with: "<system-out>OUTPUT</system-out>")
        .replacing(/time="[0-9.]+"/, with: "time=\"TIME\"").replacing(
            /timestamp="[-0-9T:]+"/,
            with: "timestamp=\"TIME\""
        )
    }

    @Test("The text report shows each test and the details of failures")
    func text() async throws {
        let result = try await run([])
        #expect(result.status == 1, "\(result)")
        #expect(
            withoutTimes(result.text) == """
                ok      -: good (TIME)
                FAILED  -: bad (TIME)
                  -:8: < {"id":8,"name":"it's"}
                    the message differs
                    $.id: expected 8, received 7
                    - {"id":8,"name":"it's"}
                    + {"id":7,"name":"it's"}
                    before:
                      > {"id":7,"name":"it's"}
                1 passed, 1 failed (TIME)

                """
        )
    }

    @Test("The TAP report has the details of failures as YAML")
    func tap() async throws {
        let result = try await run(["--tap"])
        #expect(
            withoutTimes(result.text) == """
                TAP version 13
                1..2
                ok 1 - -: good
                not ok 2 - -: bad
                  ---
                  at: '-:8'
                  statement: '< {"id":8,"name":"it''s"}'
                  message: 'the message differs'
                  difference: |
                    $.id: expected 8, received 7
                    - {"id":8,"name":"it's"}
                    + {"id":7,"name":"it's"}
                  before: |
                    > {"id":7,"name":"it's"}
                  duration_ms: TIME
                  ...

                """
        )
    }

    @Test("The TAP report escapes directives in names and reports tests that did not run")
    func tapNames() async throws {
        let text = "== a # SKIP\u{1B}\nconnect echo:\n> a\n< b\n== c\nconnect echo:\n"
        let result = try await run(["--tap", "--fail-fast"], text)
        #expect(result.text.contains("\n1..2\nnot ok 1 - -: a \\# SKIP\\e\n"), "\(result)")
        #expect(result.text.hasSuffix("\nBail out! 1 test was not run\n"), "\(result)")
    }

    @Test("The JSON report has one object for each test, and a summary")
    func json() async throws {
        let result = try await run(["--json"])
        let failure = [
            #"{"event":"test","file":"-","line":5,"name":"bad","passed":false,"seconds":TIME,"failed_line":8"#,
            #""statement":"< {\"id\":8,\"name\":\"it's\"}","message":"the message differs""#,
            #""details":["$.id: expected 8, received 7","- {\"id\":8,\"name\":\"it's\"}""#,
            #""+ {\"id\":7,\"name\":\"it's\"}"],"before":["> {\"id\":7,\"name\":\"it's\"}"]}"#,
        ].joined(separator: ",")
        let expected = [
            #"{"event":"test","file":"-","line":1,"name":"good","passed":true,"seconds":TIME}"#, failure,
            #"{"event":"summary","passed":1,"failed":1,"not_run":0,"seconds":TIME}"#, "",
        ].joined(separator: "\n")
        #expect(withoutTimes(result.text) == expected)
    }

    @Test(
        "Invisible characters in messages are shown in quotes, and no two messages look alike",
        arguments: [
            (#""a ""#, "a", #"a | "a ""#), (#""a\tb""#, #"a\\tb"#, #"a\tb | "a\tb""#), (#""""#, "a", #"a | """#),
            (#""a""#, "", #""" | a"#), (#""a\u00a0b""#, "a b", #"a b | "a\u00a0b""#),
            (#""a\r\nb""#, #"a\nb"#, #""a\nb" | "a\r\nb""#), (#""\" a\"""#, " a", #"" a" | "\" a\"""#),
            (#""e\u0301""#, "é", "é | e\u{301}"), (#""é\\u{7}""#, #"é\u0007"#, #""é\u0007" | é\u{7}"#),
        ],
        ["", "--tap"]
    )
    func visible(texts: (sent: String, expected: String, shown: String), form: String) async throws {
        let script = "connect echo:\n>string \(texts.sent)\n<string \"\(texts.expected)\"\n"
        let result = try await run(form.isEmpty ? [] : [form], script)
        let shown = texts.shown.split(separator: " | ")
        #expect(result.text.contains("    - \(shown[0])\n    + \(shown[1])\n"), "\(result)")
    }

    @Test("The JUnit report is written in addition to the text report")
    func junit() async throws {
        let folder = try ScriptFolder([
            "<a> & \"b\".ws": "== \u{1}<\u{1B}&\"\u{FFFE}\u{FFFF}]]>\nconnect echo:\n> \u{1}\t&\n< <b>\n"
        ])
        let result = try await Program.run(["test", "--junit", folder.path("out.xml"), folder.path()])
        #expect(result.status == 1, "\(result)")
        #expect(result.text.hasPrefix("FAILED"), "\(result)")
        let path = folder.path("&lt;a&gt; &amp; &quot;b&quot;.ws")
        #expect(
            withoutTimes(try folder.read("out.xml")) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="wsline" tests="1" failures="1" errors="0" time="TIME">
                  <testsuite name="\(path)" tests="1" failures="1" errors="0" skipped="0" time="TIME" timestamp="TIME">
                    <testcase name="\\u{1}&lt;\\e&amp;&quot;\\u{FFFE}\\u{FFFF}]]&gt;" classname="\(path)" file="\(path)" line="1" time="TIME">
                      <failure message="\(path):4: the message differs" type="failure">\(path):4: &lt; &lt;b&gt;\
                &#10;the message differs&#10;- &lt;b&gt;&#10;+ &quot;\\u0001\\t&amp;&quot;&#10;before:&#10;  &gt; &quot;\\u0001\\t&amp;&quot;</failure>
                      <system-out>OUTPUT</system-out>
                    </testcase>
                  </testsuite>
                </testsuites>

                """
        )
    }

    @Test(
        "A script with mistakes is reported in every format, and replaces an old report file",
        arguments: ["--tap", "--json"]
    )
    func wrongScript(form: String) async throws {
        let folder = try ScriptFolder([
            "a.ws": "connect echo:\n> ${NO_SUCH_VARIABLE}\nnonsense\n", "out.xml": "old", "out.html": "old",
        ])
        let files = ["--junit", folder.path("out.xml"), "--html", folder.path("out.html")]
        let result = try await Program.run(["test", form] + files + [folder.path("a.ws")])
        #expect(result.status == 65, "\(result)")
        for place in ["2:3", "3:1"] {
            let parts = place.split(separator: ":")
            let words = form == "--tap" ? "a.ws:\(place): " : "a.ws\",\"line\":\(parts[0]),\"column\":\(parts[1]),"
            #expect(result.text.contains(words), "\(result)")
            #expect(try folder.read("out.html").contains("a.ws:\(place): "))
        }
        #expect(
            form == "--json" || result.text.hasSuffix("\nBail out! 2 mistakes in the script; nothing was sent\n"),
            "\(result)"
        )
        let junit = try folder.read("out.xml")
        #expect(junit.contains("tests=\"1\" failures=\"0\" errors=\"1\""), "\(junit)")
        #expect(junit.contains("line=\"2\"") && junit.contains("3:1: "), "\(junit)")
    }

    @Test("A server that cannot be reached is an error, and one that refuses is a failure")
    func unreachable() async throws {
        let folder = try ScriptFolder(["a.ws": "connect ws://127.0.0.1:1/\n> a\n"])
        let result = try await Program.run(["test", "--junit", folder.path("a.xml"), folder.path("a.ws")])
        #expect(result.status == 1, "\(result)")
        let unreached = try folder.read("a.xml")
        #expect(
            unreached.contains("failures=\"0\" errors=\"1\"") && unreached.contains("<error message="),
            "\(unreached)"
        )
        try await RawServer.run { client in
            _ = try await client.readRequest()
            try await client.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 23\r\n\r\n<html><b>no entry</b>\r\n")
            await client.waitForEnd()
        } _: { port in
            try folder.write("b.ws", Data("connect ws://127.0.0.1:\(port)/\n> a\n".utf8))
            let result = try await Program.run(["test", "--junit", folder.path("b.xml"), folder.path("b.ws")])
            #expect(result.text.contains("; is a bearer, cookie or origin line missing?\n    no entry\n"), "\(result)")
            #expect(try folder.read("b.xml").contains("failures=\"1\" errors=\"0\""))
        }
    }

    @Test("Tests that --fail-fast does not run are skipped in the JUnit report")
    func skipped() async throws {
        let folder = try ScriptFolder([:])
        let script = "== a\nconnect echo:\n> a\n< b\n== b\nconnect echo:\n== c\nconnect echo:\n"
        _ = try await run(["--fail-fast", "--junit", folder.path("out.xml")], script)
        let junit = try folder.read("out.xml")
        #expect(junit.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"2\""), "\(junit)")
        #expect(junit.matches(of: /<testcase name="[bc]"[^>]*>\s*<skipped message="[^"]+"\/>/).count == 2, "\(junit)")
    }

    @Test(
        "A report has the failure of the last part of a test as well",
        arguments: [
            [], ["--tap"], ["--json"], ["--junit", "/dev/stdout", "-q"], ["--html", "/dev/stdout", "-q"],
        ]
    )
    func failureInFinally(arguments: [String]) async throws {
        let script = "connect echo:\nrepeat 3\n> ${counter()}\n< 1\nend\nfinally\n> 7\n< 8\n"
        let result = try await run(arguments, script)
        #expect(result.status == 1, "\(result)")
        let words = ["< 1", "in round 2 of 3", "+ 2", "-:8: < 8", "the message differs", "+ 7"]
        for word in words {
            let isFound = [word, word.replacing("<", with: "&lt;")].contains(where: result.text.contains)
            #expect(isFound, "\(word): \(result)")
        }
    }

    @Test("<? shows the closest message that it skipped, and the difference")
    func nearest() async throws {
        let script = """
            connect echo:
            timeout 200ms
            > {"id":2,"name":"a"}
            > {"id":1,"name":"a"}
            > something else
            <? {"id":2,"name":"b"}
            """
        let result = try await run([], script)
        let words = """
                received 3 others
                the closest message:
                $.name: expected "b", received "a"
                + {"id":2,"name":"a"}
            """
        let lines = words.split(separator: "\n").map { $0.drop { $0 == " " } }
        for line in lines { #expect(result.text.contains(line), "\(result)") }
    }

    @Test("A JUnit report that cannot be written is reported")
    func junitUnwritable() async throws {
        let result = try await run(["--junit", "/no/such/folder/out.xml"], "connect echo:\n")
        #expect(result.status == 74, "\(result)")
        #expect(result.error.contains("/no/such/folder/out.xml"), "\(result)")
    }

    private static let filler = String(repeating: "a", count: 150)
    private static let secretLines: [String] = [
        "> a ${TOKEN} b\n< a ${TOKEN} c", "> x\n< ${TOKEN}", "> ${TOKEN}\n<~ ^${TOKEN}x", "> x\n<? ~${TOKEN}",
        #"> {"a":"${QUOTED_TOKEN}"}"# + "\n" + #"<json {"a":1}"#,
        #">string "{\"a\":\"b\"}""# + "\n" + #"<json {"a":"${QUOTED_TOKEN}"}"#,
        ">file secret.txt\n<hex 00", ">binary secret.txt\n< a", ">hex ${HEX_KEY}\n<hex 00", "ping ${TOKEN}\n< a",
        "close 4000 ${TOKEN}\n< a", "> token=${TOKEN}\n<~ =(?<session_key>.*)\n< a", "<ping ${TOKEN}",
        "> \(filler)\(filler.dropLast(10))${TOKEN}\(filler)\(filler)\n<json {}",
        "> \(filler.prefix(60))${TOKEN}\(filler)\(filler)\(filler)\n<hex 00",
        "> \(filler)${TOKEN}\(filler)\n< \(filler)${TOKEN}\(filler.dropLast())b",
        "@b connect ws://${PLAIN_TOKEN}/\n@b > a",
        "@b connect ws://user:${PLAIN_TOKEN}@127.0.0.1:1/\n@b > a",
        "> ${LINES_SECRET}\n< a", "@b connect echo:\n@b auth a:${TOKEN}\n@b > a\n@b < b",
        "@b connect ws://127.0.0.1:1/\n@b header X: ${TOKEN}\n@b > a",
    ]

    private static let secret = "s3cret-t.ken/+(x)"

    /// Runs a script with secrets and returns all of its output and reports.
    private func said(_ script: String, _ arguments: [String], status: Int32) async throws -> String {
        let folder = try ScriptFolder(["a.ws": script, "secret.txt": "the \(Self.secret)"])
        let variables = [
            "TOKEN=\(Self.secret)", "PLAIN_TOKEN=s3cret-host.invalid", "QUOTED_TOKEN=\(Self.secret)",
            "HEX_KEY=5e 4C 2e70617373776f7264", "LINES_SECRET=first line\n\(Self.secret)\nlast",
        ].flatMap { ["--set", $0] }
        let limits = ["--timeout", "200ms", "--jobs", "4", "--junit", folder.path("out.xml")]
        let result = try await Program.run(["test"] + limits + arguments + variables + [folder.path("a.ws")])
        #expect(result.status == status, "\(result)")
        return result.text + result.error + ((try? folder.read("out.xml")) ?? "")
    }

    private func expectNoSecret(_ said: String) {
        let hex = Self.secret.utf8.map { String($0, radix: 16) }.joined()
        let parts = [
            "s3cret", "t.ken", "t\\.ken", "+(x)", "5e4c2e", "first line", "\(hex.prefix(12))", "\(hex.suffix(12))",
        ]
        for part in parts { #expect(!said.contains(part), "\(part) in \(said)") }
    }

    @Test(
        "The value of a secret variable is in no report, however it is sent, expected or truncated",
        arguments: [["--json"], ["--tap"], ["-q"]]
    )
    func secrets(arguments: [String]) async throws {
        let tests = Self.secretLines.enumerated().map { "== \($0 + 1)\nconnect echo:\n\($1)\n" }
        let said = try await said(tests.joined(), arguments, status: 1)
        expectNoSecret(said)
        #expect(said.contains("tests=\"\(tests.count)\""), "\(said)")
        #expect(said.matches(of: /<(?:failure|error) message=/).count == tests.count, "\(said)")
    }

    @Test("An error about a secret value does not contain parts of it")
    func secretProblems() async throws {
        let script = """
            connect ws://user:${TOKEN}@127.0.0.1:1/
            proxy http://a:${TOKEN}@127.0.0.1:1
            connect-timeout ${TOKEN}
            >hex ${TOKEN}
            <json {"a":${TOKEN}}
            """
        let said = try await said(script, [], status: 65)
        expectNoSecret(said)
        #expect(said.contains("5 mistakes"), "\(said)")
    }

    @Test("A report that cannot be written is an error before any test runs", arguments: ["--junit", "--html"])
    func unwritableReport(option: String) async throws {
        let folder = try ScriptFolder(["a.ws": "connect echo:\n> a\n< a\n"])
        let result = try await Program.run(["test", option, folder.path("none/x"), folder.path("a.ws")])
        #expect(result.status == 74, "\(result)")
        #expect(result.text.isEmpty && result.error.contains("none/x"), "\(result)")
    }
}
