import MessageText
import Testing
import WebSocketTransport

@testable import TestScript

/// Tests of the configuration file.
@Suite struct ConfigFileTests {
    private func parse(_ text: String, _ environment: [String: String] = [:]) throws(FileError) -> ConfigFile {
        try ConfigFile.parse(Array(text.utf8), "config") { environment[$0] }
    }

    @Test("A file has options, profiles, snippets and variables")
    func sections() throws {
        let file = try parse(
            """
            # comment
            pretty
            timestamps on
            header  X-All: 1  # comment

            [prod]
            url     wss://${host}/ws
            bearer  @~/.tokens/prod
            http2
            [snippets]
            sub     {"op":"subscribe","channel":"$1"}
            [variables]
            host    api.example.com
            [empty]
            """
        )
        #expect(file.entries.map(\.name) == ["pretty", "timestamps", "header"])
        #expect(file.entries.map(\.value) == ["", "on", "X-All: 1"])
        let prod = try file.profile("prod")
        #expect(prod.url?.value == "wss://api.example.com/ws")
        #expect(prod.url?.place == "config:7:9")
        #expect(prod.entries.map(\.name) == ["bearer", "http2"])
        #expect(file.snippets == ["sub": #"{"op":"subscribe","channel":"$1"}"#])
        #expect(file.variables == ["host": "api.example.com"])
        #expect(file.profiles.keys.sorted() == ["empty", "prod"])
    }

    @Test(
        "A mistake is reported with file, line and column, without the value",
        arguments: [
            ("baerer x", #"config:1:1: unknown option "baerer"; did you mean bearer?"#),
            ("[prod]\n--pretty", #"config:2:1: unknown option "--pretty"; options are written without dashes"#),
            ("max-time 3", "config:1:1: max-time cannot be used in the configuration file"),
            ("[prod]\nreceive-only", "config:2:1: receive-only cannot be used in the configuration file"),
            ("zebra", #"config:1:1: unknown option "zebra"; man wsline lists them"#),
            ("  [a b]", "config:1:3: expected a section such as [prod], [snippets] or [variables]"),
            ("netrc yes", "config:1:7: netrc takes no value"), ("origin", "config:1:7: expected a value after origin"),
            ("url ws://h", "config:1:1: url must be in a profile, below [NAME]"),
            ("origin a${b", "config:1:9: expected ${NAME}, or $${ for a literal ${"),
            ("[variables]\n1a x", #"config:2:1: invalid variable name "1a"; use letters, digits and _"#),
            ("[snippets]\nsub", "config:2:1: expected a name of letters, digits, - and _, and the text of a snippet"),
            ("execute a", "config:1:1: execute must be in a profile, below [NAME]"),
            ("framing nul", "config:1:1: framing must be in a profile, below [NAME]"),
            ("[a]\n[b]\n[a]", "config:3:1: the section [a] already begins at line 1; join the two"),
            ("[snippets]\n[snippets]", "config:2:1: the section [snippets] already begins at line 1; join the two"),
            ("[snippets]\na b\na c", "config:3:1: a is already set at line 2; remove one of the two lines"),
            ("[variables]\na b\na c", "config:3:1: a is already set at line 2; remove one of the two lines"),
            ("pretty\n\npretty off", "config:3:1: pretty is already set at line 1; remove one of the two lines"),
            ("[a]\nurl echo:\nurl echo:", "config:3:1: url is already set at line 2; remove one of the two lines"),
            (
                "[snippets]\nheader a\nheader b",
                "config:3:1: header is already set at line 2; remove one of the two lines"
            ),
        ]
    )
    func mistakes(text: String, error: String) {
        #expect(throws: FileError(error)) { try parse(text) }
    }

    @Test("Options that add values can be on several lines, and a profile can set those at the top again")
    func repetition() throws {
        let file = try parse(
            "hide a\nhide b\nheader A: 1\nheader A: 2\npretty\n[p]\nurl ws://h\npretty off\non a b\non c d"
        )
        #expect(file.entries.count == 5)
        #expect(try file.profile("p").entries.map(\.name) == ["pretty", "on", "on"])
    }

    @Test(
        "Options at the top that have no effect on a server are ignored, but those of its profile are mistakes",
        arguments: [
            ("echo:", ["origin"]), ("ws://h", ["proxy", "no-check", "cert", "key", "origin"]),
            ("wss://h", ["proxy", "no-check", "http2", "cert", "key", "origin"]),
        ]
    )
    func uselessOptions(url: String, names: [String]) throws {
        let options = "proxy http://p:1\nno-check\nhttp2\ncert c.pem\nkey k.pem\norigin https://o\n"
        let server = url == "echo:" ? nil : try WebSocketURL(url)
        let file = try parse(options + "[p]\nurl \(url)\n[q]\nurl \(url)\n" + options)
        let entries = try file.entries(of: try file.profile("p"), for: server)
        #expect(entries.map(\.name) == names)
        #expect(try ConfigFile.settings(entries, for: server).count == names.count)
        let own = try file.entries(of: try file.profile("q"), for: server)
        if server == nil {
            #expect { try ConfigFile.settings(own, for: nil) } throws: {
                "\($0)" == "config:11:7: proxy has no effect with echo:, which uses no name lookup, TLS or proxy"
            }
        } else {
            #expect(try ConfigFile.settings(own, for: server).count == 6)
        }
    }

    @Test(
        "Options that cannot be used together are reported with the position of one of them",
        arguments: [
            ("auth a:b\nbearer c", "config:2:8: auth and bearer cannot be used together"),
            ("key k\nmax-redirects 3", "config:1:5: key requires cert"),
            ("max-redirects 3", "config:1:15: max-redirects requires location"),
        ]
    )
    func conflicts(text: String, error: String) throws {
        let url = try WebSocketURL("ws://h")
        let entries = try parse(text).entries(of: ConfigFile.Profile(), for: url)
        #expect { try ConfigFile.settings(entries, for: url) } throws: { "\($0)" == error }
    }

    @Test("An unknown profile suggests a near one, and a profile requires a url")
    func profiles() throws {
        let file = try parse("[prod]\nurl echo:\n[half]\npretty")
        #expect(throws: FileError(#""config" has no profile "prdo"; did you mean @prod?"#)) { try file.profile("prdo") }
        #expect(throws: FileError(#""config" has no profile "unlike"; profiles: half, prod"#)) {
            try file.profile("unlike")
        }
        #expect(throws: FileError(#"the profile "half" in "config" has no url"#)) { try file.profile("half") }
    }

    @Test("A variable that is not set is a mistake only of the profile that uses it, and not of a command")
    func missingVariables() throws {
        let file = try parse("[a]\nurl ws://${HOST}/\n[b]\nurl ws://h\norigin ${B}\n[c]\nurl ws://h\nbearer !echo ${C}")
        #expect(throws: FileError("config:2:5: unknown variable HOST; set it in [variables] or in the environment")) {
            try file.profile("a")
        }
        #expect(throws: FileError("config:5:8: unknown variable B; set it in [variables] or in the environment")) {
            try file.entries(of: try file.profile("b"), for: try WebSocketURL("ws://h"))
        }
        #expect(try file.entries(of: try file.profile("c"), for: nil).map(\.value) == ["!echo ${C}"])
    }

    @Test("A profile overrides the options before it: the same option, an exclusive one, and headers by name")
    func overriding() throws {
        let file = try parse(
            """
            auth me:secret
            header X-A: 1
            header X-B: 2
            origin https://a.example
            ipv4
            [prod]
            url ws://h
            bearer token
            header x-a: 3
            ipv6
            """
        )
        let url = try WebSocketURL("ws://h")
        let settings = try ConfigFile.settings(try file.entries(of: try file.profile("prod"), for: url), for: url)
        #expect(settings.map(\.option) == [.header, .origin, .bearer, .header, .ipv6])
        #expect(settings.map(\.text) == ["X-B: 2", "https://a.example", "token", "x-a: 3", ""])
    }

    @Test("An invalid value of a profile is reported with its position, and a secret is not repeated")
    func invalidValues() throws {
        let file = try parse("[prod]\nurl ws://h\nconnect-timeout never\n[other]\nurl ws://h\nauth :secret")
        #expect { try ConfigFile.settings(try file.profile("prod").entries, for: nil) } throws: {
            "\($0)".hasPrefix(#"config:3:17: invalid value "never" for connect-timeout: "#)
        }
        #expect { try ConfigFile.settings(try file.profile("other").entries, for: nil) } throws: {
            "\($0)".hasPrefix("config:6:6: ") && !"\($0)".contains("secret")
        }
    }

    @Test("File names are relative to the folder of the configuration file")
    func fileNames() throws {
        let text = "ca roots.pem\nkey /k.pem\nbearer @token\ncookie a=@b\norigin @x"
        let file = try ConfigFile.parse(Array(text.utf8), "/home/me/config") { _ in nil }
        #expect(file.entries.map(\.value) == ["/home/me/roots.pem", "/k.pem", "@/home/me/token", "a=@b", "@x"])
    }

    @Test(
        "A credential can be a command, but in a script it is text",
        arguments: [
            (.bearer, "!print-token", "print-token"), (.cookie, "! a b", " a b"), (.auth, "!x", "x"),
            (.header, "X-Key: !cat key", "cat key"), (.header, "X-Key:!cat", "cat"), (.header, "X: a!b", nil),
            (.bearer, "a!", nil), (.header, "@!file", nil), (.origin, "!x", nil), (.proxy, "!x", nil),
        ] as [(ConnectionOption, String, String?)]
    )
    func commands(option: ConnectionOption, value: String, command: String?) throws {
        #expect(option.command(in: value).map(String.init) == command)
        guard command != nil else { return }
        let configuration = try ConnectionSetup.configuration([try option.setting(value)], for: nil, .commandLine)
        #expect(configuration.credentialSources.count == 1 && configuration.headers.isEmpty)
        let script = "connect echo:\n\(option.rawValue) \(value)\n"
        let result = ScriptFiles.parse(Array(script.utf8), "a.ws", .client) { _ in nil }
        guard case .failure(let problems) = result else {
            Issue.record("the script has no mistake")
            return
        }
        #expect(problems.list.map(\.line) == [2])
        #expect(problems.list.first?.message.contains("set TOKEN !COMMAND") == true, "\(problems.list)")
    }
}
