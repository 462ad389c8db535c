import Testing

@testable import TestScript

/// Tests of the script language and of its error messages.
@Suite struct ScriptSyntaxTests {
    private func parse(
        _ text: String,
        side: Script.Side = .client,
        _ variables: [String: String] = [:]
    ) throws(ScriptProblems) -> Script {
        try ScriptParser.parse(text, path: "a.ws", folder: "", side: side) { variables[$0] }
    }

    private func step(_ line: String, variables: [String: String] = [:]) throws -> String {
        let script = try parse("connect ws://h/\n" + line, variables)
        return "\(try #require(script.tests.last?.statements.last).step)"
    }

    /// Returns the position and message of each problem.
    private func problems(
        _ text: String,
        side: Script.Side = .client,
        _ variables: [String: String] = [:]
    ) -> [String] {
        do {
            _ = try parse(text, side: side, variables)
            return []
        } catch {
            return error.list.map { "\($0.line):\($0.column) \($0.message)" }
        }
    }

    private static let sameRows: [(String, String)] = [
        ("> a", "  > a \t"), ("> a", ">  a"), ("> a", "> a  # comment"), ("> a", "> a\t#"), ("> a", "> a  # b \"c"),
        (">", "> "), (">", ">  # nothing"), ("<! 300ms", "<!300ms"), ("<! 300ms", "<! 0.3s"), ("<! 1.5s", "<! 1.5"),
        ("wait 1m", "wait 60"), ("<~ a", "<~a"), ("<? ~a", "<?~a"), ("close", "close 1000"), ("pong", "pong  "),
        ("> $${", "> $${  # a"), ("<close 1000", "<close  1000 "), (">string \"a\"", "> a"), ("<~ b", "<~b"),
        ("<~b a", "<~b  a"), ("> ${random(1,2)}", "> ${random(1, 2)}"),
        ("<* x3", "<*×3"), ("<+ ~a", "<+~a"), ("on a >  b", "on  a > b"), ("<*", "<* x1"),
    ]

    @Test(
        "Surrounding spaces are ignored, and equivalent spellings of a statement are equal",
        arguments: sameRows
    )
    func same(one: String, other: String) throws {
        #expect(try step(one) == step(other))
    }

    @Test(
        "A # within a message does not start a comment",
        arguments: [
            "> # a", "> a #b", "> a  #b", "> a # b", "> \"a  # b\"", "> {\"a\":\"\\\"  # b\"}", "> 5\" or \"6\"  #7",
        ]
    )
    func noComment(line: String) throws {
        #expect(try step(line) == "\(Step.send(.text(Template(line.dropFirst(2)))))")
    }

    private static let wrongRows: [(String, String)] = [
        ("hallo", "1:1 unknown statement \"hallo\""),
        ("conect x", "1:1 unknown statement \"conect\"; did you mean connect?"),
        ("post x", "1:1 unknown statement \"post\"; did you mean host?"), ("| x", "1:1 unknown statement \"|\""),
        ("connect", "1:8 expected a URL"), ("connect ftp://h", "1:9 invalid URL \"ftp://h\""),
        ("connect ws://h\n>>a", "2:1 expected a space after >"),
        ("connect ws://h\n<json{}", "2:1 expected a space after <json"),
        ("connect ws://h\n>jsn a", "2:1 unknown operator >jsn"), ("connect ws://h\n<jsn {}", "did you mean <json?"),
        ("connect ws://h\n>! a", "2:1 unknown operator >!"), ("connect ws://h\n  <! soon", "2:6 expected a time"),
        ("connect ws://h\n<! -1s", "2:4 expected a time"), ("connect ws://h\nwait 1e3", "2:6 expected a time"),
        ("connect ws://h\nwait 0x10", "2:6 expected a time"), ("connect ws://h\nwait 99999999999999999999m", "2:6"),
        ("connect ws://h\n>hex abc", "2:6 odd number of hexadecimal digits (3)"),
        ("connect ws://h\n>hex 0g", "2:6 \"g\" is not"),
        ("connect ws://h\n>string abc", "2:9 expected a value"),
        ("connect ws://h\n>string \"a\\q\"", "2:12 expected a valid JSON escape"),
        ("connect ws://h\n>string [1]", "2:9 expected a JSON string"),
        ("connect ws://h\n<json {\"a\":}", "2:12 invalid JSON: expected a value"),
        ("connect ws://h\n<json", "2:6 expected the JSON"),
        ("connect ws://h\n<? [1", "2:6 invalid JSON"),
        ("connect ws://h\n<~ (a", "2:4 invalid regular expression \"(a\": expected ')'"),
        ("connect ws://h\n<? ~(a", "2:4 invalid regular expression \"(a\""),
        ("connect ws://h\n<?", "2:3 expected a pattern"),
        ("connect ws://h\n<? ~${", "2:5 expected a variable"),
        ("connect ws://h\n> ä ${1}", "2:5 expected a variable"),
        ("connect ws://h\nclose 1005", "2:7 close code 1005 must not be sent"),
        ("connect ws://h\nclose x", "2:7 expected a close code"),
        ("connect ws://h\n<close 65536", "2:8 expected a close code"),
        ("connect ws://h\nclose 1000 " + String(repeating: "a", count: 124), "2:7"),
        ("connect ws://h\nping " + String(repeating: "ä", count: 63), "2:6 the ping is 126 bytes"),
        ("connect ws://h\n>file", "2:6 expected a file name"),
        ("connect ws://h\n<file /no/such", "2:7 cannot read \"/no/such\""),
        ("@a > b", "1:1 expected connect URL"), ("@ > b", "1:2 expected a connection name"),
        ("@a", "1:3 expected a statement"),
        ("@a:b > c", "1:2 expected a connection name"), ("connect ws://h\n@a > b", "2:1 expected @a connect URL"),
        (
            "connect ws://h\n@a connect ws://h\n@a connect ws://h",
            "3:1 the connection a is already opened in line 2"
        ),
        ("connect ws://h\n> a\norigin b", "3:1 origin must be before"), ("==", "1:3 expected the name of a test"),
        ("== a", "1:1 the test \"a\" "), ("", "1:1 the script is empty"),
        ("# a\n\n", "3:1 the script is empty"),
        ("insecure yes\nconnect ws://h", "1:10 insecure takes no value"),
        ("header\nconnect ws://h", "1:7 expected a value"),
        ("auth ann\nconnect ws://h", "1:6 a script cannot prompt for a password"),
        ("passphrase -\nconnect ws://h", "1:12 passphrase requires cert"),
        ("cert /dev/null\npassphrase -\nconnect ws://h", "2:12 a script cannot prompt for a passphrase"),
        ("key /dev/null\nconnect ws://h", "1:5 key requires cert"), ("tls-min 1.1\nconnect ws://h", "1:9"),
        ("connect echo:\norigin a\ninsecure", "3:9 insecure has no effect with echo:"),
        ("connect echo:\nproxy http://h:1", "2:7 proxy has no effect with echo:"),
        (
            "connect ws://h\n<! 100ms # quiet",
            "2:4 expected a time such as 300ms, 2s or 1m; a comment requires two spaces"
        ),
        ("connect ws://h # here", "a comment requires two spaces before #"),
        ("ca /no/such\nconnect ws://h", "1:4 cannot read \"/no/such\""),
        ("connect-timeout soon\nconnect ws://h", "1:17"),
        ("connect ws://${NO}", "1:14 unknown variable NO"),
        ("connect ws://h\n> a\u{1B}${NO}", "2:5 unknown variable NO"),
        ("connect ws://h\n<refused 99", "2:10 expected a status such as 401, or tls"),
        ("connect ws://h\n<header X: y", "2:9 expected the name of a header field"),
        ("connect ws://h\n<open a\n<header", "3:8 expected the name"),
        ("connect ws://h\n<body", "2:6 expected a pattern"),
        ("connect ws://h\n<compressed yes", "2:13 <compressed takes no value"),
        ("connect ws://h\n<refusd", "did you mean <refused"),
        ("connect ws://h\n<* 3", "2:4 expected a count such as ×3"),
        ("connect ws://h\n<* ×0", "2:4 expected a count"), ("connect ws://h\n<+", "2:3 expected a pattern"),
        ("connect ws://h\n<? ~b ^X", "2:4 for a binary message, write <~b ^X"),
        ("connect ws://h\n<- ~(a", "2:4 invalid regular expression"),
        ("connect ws://h\non 2", "2:5 expected > and the message"), ("connect ws://h\non {\"a > b", "2:11 expected >"),
        ("connect ws://h\non ~(?<n>.) > ${n}\n> ${n}", "3:3 unknown variable n"),
        ("connect ws://h\nevery > a", "2:7 expected a time"),
        ("connect ws://h\nevery 0 > a", "2:7 expected a time above 0"),
        ("connect ws://h\nevery 1s a", "2:10 expected > and the message"), ("ignore a", "1:1 expected connect URL"),
        ("connect ws://h\nignor a", "did you mean ignore"),
        ("connect ws://h\n> ${foo()}", "2:3 unknown function foo(); functions: uuid(), now(), unix(),"),
        ("connect ws://h\n> ${uid()}", "2:3 unknown function uid(); did you mean uuid()?"),
        ("connect ws://h\n> a${random(2,1)}", "2:4 invalid argument of random(); expected ${random(1,100)}"),
        ("connect ws://h\n> ${uuid(}", "2:3 expected a variable"),
        ("connect ws://h\n> ${base64(${NO})}", "2:12 unknown variable NO"),
        ("connect ws://h\n> ${env(NO_SUCH_VARIABLE)}", "2:3 the environment has no variable NO_SUCH_VARIABLE"),
        ("connect ws://h\ncheck $.a", "2:10 expected a condition"), ("connect ws://h\ncheck a", "2:7 invalid JSONPath"),
        ("connect ws://h\ntimeout 0", "2:9 expected a time above 0"),
        ("connect ws://h\nsend a", "2:1 unknown statement \"send\"; did you mean >?"),
        ("connect ws://h\ncheck $.a contians \"x\"", "2:11 unknown condition \"contians\"; did you mean"),
        ("connect ws://h\n<json {\"a\":*b:strin}", "2:15 invalid JSON"),
        ("connect ws://h\n<json {\"a\":*b}\n> ${b} ${c}", "3:8 unknown variable c"),
        ("set 1 x", "1:5 expected the name of a variable"), ("connect ws://h\nset a", "2:6 expected a value"),
        ("connect ws://h\nset a $.x[", "2:11 invalid JSONPath"), ("set a $.x", "1:1 expected connect URL"),
        ("connect ws://h\nset a !x | $.a..", "2:17 invalid JSONPath"), ("set a !", "1:8 expected a command"),
        ("connect ws://h\nsecret NO", "2:8 unknown variable NO"), ("connect ws://h\nrun", "2:4 expected a command"),
        ("connect ws://h\nrepeat x\nend", "2:8 expected a number of times"),
        ("connect ws://h\nrepeat 1000001\nend", "2:8 expected a number of times up to 1000000"),
        ("connect ws://h\nrepeat 2", "2:1 expected end after this loop"),
        ("connect ws://h\nend", "2:1 there is no repeat or for"),
        ("connect ws://h\nfor a b\nend", "2:7 expected for a in"),
        ("connect ws://h\nfor a in\nend", "2:7 expected for a in"),
        ("connect ws://h\nrepeat 2\n== b\nconnect ws://h", "2:1 expected end after this loop"),
        ("connect ws://h\n@a repeat 2", "2:1 repeat cannot be used with @NAME"),
        ("connect ws://h\nfinally\nfinally", "3:1 the test already has a finally"), ("finally", "1:1 expected == NAME"),
        ("== a\nfinally\nconnect ws://h", "1:1 the test \"a\" has no connect"),
        ("connect ws://h\nrepeat 1\nfinally\nend", "3:1 finally is not possible inside a loop"),
        ("connect ws://h\nskip", "2:5 expected the reason"), ("connect ws://h\ninclude /no/such", "2:9 cannot read"),
        ("== [a] [b]", "1:4 expected a name before the tags"), ("=== a", "1:1 expected == and the name of a test"),
        ("connect ws://h\nfor n in \"a b\nend", "2:14 expected a closing quote"),
        ("connect ws://h\nfor n in a \"b\"c\nend", "2:15 expected a space after the closing quotation mark"),
        ("connect ws://h\nfor n in \"b\\q\"\nend", "2:13 expected a valid JSON escape"),
        ("connect ws://h\nfor n in \"${}\"\nend", "2:10 expected a variable"),
        ("connect ws://h\n<* 3", "2:4 expected a count such as ×3 or x3, at most 1000000"),
        ("connect ws://h\n>bytes \"€\"", "2:8 \"€\" is not a byte"),
        ("connect ws://h\n>base64 a", "2:9 invalid base64"),
        ("connect ws://h\n<hex 0?", "2:6 \"?\" is not a hexadecimal digit"),
        ("connect ws://h\n<hex 1..", "2:6 expected two digits"),
        ("connect ws://h\n<hex 40 (?<id>????", "2:6 the group \"id\" has no closing parenthesis"),
        ("connect ws://h\n>hex ??", "2:6 \"?\" is not a hexadecimal digit"),
        ("connect ws://h\n>json {\"a\":*}", "2:12 invalid JSON"),
        ("connect ws://h\n>json\n{\"a\":\n  *}\n\n> x", "4:3 invalid JSON: expected a value"),
        ("connect ws://h\n>json\n\n> x", "2:6 expected JSON"),
        ("connect ws://h\n<json\n{\"a\":\n  \"${1}\"}", "4:4 expected a variable"),
        ("connect ws://h\n>json pretty", "2:13 expected JSON"),
        ("@a connect ws://h\n@b connect ws://h\n@a > x\n@b origin y", "4:1 origin must be before"),
        ("connect ws://h\nwait 1s\norigin y", "3:1 origin must be before"),
        ("connect ws://h\n<ping 1.5s", "2:7 1.5s is the data of the ping"),
        (
            "== a\nconnect ws://h\n== b\nconnect ws://h\n== a\nconnect ws://h",
            "5:4 the name \"a\" is already used in line 1"
        ),
    ]

    @Test(
        "A mistake is reported with its position and what was expected",
        arguments: wrongRows
    )
    func wrong(text: String, words: String) {
        let found = problems(text)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(words) == true, "\(found)")
    }

    @Test("All mistakes are reported at once, each once, in the order of their lines")
    func all() {
        let text = """
            ca /no/such
            tls-min 9
            connect ws://h
            > ${NO} and ${NOR}
            <~ (
            connect ws://h
            ping / pong later
            """
        #expect(problems(text).map { $0.prefix { $0 != " " } } == ["1:4", "2:9", "4:3", "4:13", "5:4", "7:13"])
    }

    @Test("A problem is shown with its line and a caret, and with control characters escaped")
    func caret() {
        do {
            _ = try parse("connect ws://h\n\t> \u{1B}[2J ${x y}\n")
            Issue.record("there is no problem")
        } catch {
            #expect(
                error.list.first?.lines == [
                    "a.ws:2:9: expected a variable such as ${NAME}; write $${ for a literal ${", "   > \\e[2J ${x y}",
                    "           ^",
                ]
            )
        }
    }

    @Test(
        "Connection options may precede or follow the URL",
        arguments: [
            "header X: y", "subprotocol a\nsubprotocol b", "origin http://o", "host h:1", "user-agent a b",
            "location\nmax-redirects 3",
            "location\nredirect-to-plain", "no-compress", "max-message-size 1K", "auth a:b", "bearer t", "cookie a=b",
            "netrc",
            "key /dev/null\ncert /dev/null\npassphrase a b", "insecure", "no-check", "servername n", "tls-min 1.3",
            "ipv4", "ipv6",
            "connect-timeout 3", "close-timeout 3", "resolve h:1:127.0.0.1", "proxy http://p:1", "fragment 1K",
            "timeout 3s",
        ]
    )
    func options(lines: String) {
        #expect(problems(lines + "\nconnect ws://h/") == [])
        #expect(problems("connect ws://h/\n" + lines + "\n> a") == [])
        #expect(problems("== a\n" + lines + "\nconnect ws://h/") == [])
        #expect(problems("@a connect ws://h/\n@a " + lines.replacing("\n", with: "\n@a ")) == [])
    }

    @Test("A script is split into tests, named after == or the URL")
    func tests() throws {
        let script = try parse(
            "timeout 1s\nconnect ws://u:pass@h/${A}\n> a\nconnect ws://h/2\n== b c\nconnect ws://h/3\n@x connect ws://h/4\n== d\n@x connect ws://h/5",
            ["A": "1"]
        )
        #expect(script.tests.map(\.name) == ["ws://…@h/${A}", "ws://h/2", "b c", "d"])
        #expect(script.tests.map(\.line.number) == [2, 4, 5, 8])
        #expect(script.tests.map(\.statements.count) == [3, 2, 3, 2])
    }

    private static let variableRows: [(String, Bool)] = [
        ("> ${A}", true), ("> ${B}", false), ("> $${B}", true), ("> $B {B}", true), ("<~ (?<B>.)\n> ${B}", true),
        ("> ${B}\n<~ (?<B>.)", false), ("<? ~(?<B>.)\nclose 1000 ${B}", true), ("<~ \\(?<B>\n> ${B}", false),
        ("<~ (?<B>.)\nconnect ws://h\n> ${B}", false),
        ("<~ (?<B>.)\n@x connect ws://${B}\n@x header X: ${B}\n@x ca ${B}", true),
        ("<~ (?<B>.)\n<json {\"a\":${B}}\n>hex ${B}\n<~ ${B}\n>file ${B}\nping ${B}", true),
        (">string \"\\u0024{B}\"", false),
    ]

    @Test(
        "A variable is known if it is given or was captured before",
        arguments: variableRows
    )
    func variables(lines: String, isKnown: Bool) {
        let found = problems("connect ws://h/\n" + lines, ["A": "1"])
        #expect(found.isEmpty == isKnown, "\(found)")
        #expect(found.allSatisfy { $0.contains("unknown variable B") }, "\(found)")
    }

    @Test(
        "A variable may have any value",
        arguments: ["\"", "a\nb", "${B}", "$", "$${", "(", "\\", "ä👩‍🚀", "  # a", ""]
    )
    func values(value: String) throws {
        #expect(problems("connect ws://h/\n> ${A}\n< ${A}\n<~ ^${A}$\n<? ~${A}\nclose 4000 ${A}", ["A": value]) == [])
        let template = try Template("x${A}y")
        #expect(try template.expanded { _ in value } == "x" + value + "y")
    }

    @Test("Tags are behind the name of a test, and a loop, a reason to skip and a last part belong to it")
    func parts() throws {
        let text = """
            set a !x
            == one [two] three [slow] [v-1]
            connect ws://h
            for b in 1 2
              repeat ${b}
                > ${b}${a}
              end
              @x connect ws://h
            end
            finally
            run true
            == two
            skip not yet
            """
        let tests = try parse(text).tests
        #expect(tests.map(\.name) == ["one [two] three", "two"])
        #expect(tests.map(\.tags) == [["slow", "v-1"], []])
        #expect(tests.map(\.skipReason) == [nil, "not yet"])
        #expect(tests.map(\.statements.count) == [3, 1])
        #expect(tests.map(\.cleanup.count) == [1, 0])
        #expect(tests.map(\.allStatements.count) == [7, 1])
    }

    @Test("Loops are nested up to a depth")
    func depth() {
        func text(_ depth: Int) -> String {
            "connect ws://h\n" + String(repeating: "repeat 2\n", count: depth)
                + String(repeating: "end\n", count: depth)
        }
        #expect(problems(text(8)) == [])
        #expect(problems(text(9)) == ["10:1 the loops are nested too deeply; the limit is 8"])
    }

    @Test("Only tests that are going to run are checked, but each line of their file is parsed")
    func selection() throws {
        let text = "== a\nconnect ws://h\n> ${NO}\n== b\nconnect ws://h\n> x\n"
        let script = try ScriptParser.parse(
            text,
            path: "a.ws",
            folder: "",
            side: .client,
            variable: { _ in nil },
            isSelected: { $0.name == "b" }
        )
        #expect(script.tests.map(\.name) == ["a", "b"])
        #expect(throws: ScriptProblems.self) {
            try ScriptParser.parse(
                text + "wat",
                path: "a.ws",
                folder: "",
                side: .client,
                variable: { _ in nil },
                isSelected: { $0.name == "b" }
            )
        }
    }

    private static let serverRows: [(String, [String])] = [
        ("repeat 2\nend", []), ("repeat 2\n> a\nend\n> b", []),
        ("> hello\n< a", []), ("== a\n> hello", []), ("timeout 1s\n<! 1s\nclose", []),
        ("connect ws://h", ["1:1 connect is not allowed"]),
        ("== a\n== b", ["2:1 a script for serve has only one test"]),
        ("header a: b", ["1:1 header is not allowed"]),
        ("@a > b", ["1:1 a script for serve has only one connection"]),
        ("", ["1:1 the script is empty"]),
    ]

    @Test(
        "A script for serve has one test without connections",
        arguments: serverRows
    )
    func serverSide(text: String, words: [String]) {
        let found = problems(text, side: .server)
        #expect(found.count == words.count, "\(found)")
        #expect(zip(found, words).allSatisfy { $0.hasPrefix($1) }, "\(found)")
    }
}
