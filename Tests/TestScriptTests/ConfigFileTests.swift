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
            ("  [a b]", "config:1:3: expected a section such as [prod], [snippets] or [variables]"),
            ("netrc yes", "config:1:7: netrc takes no value"), ("origin", "config:1:7: expected a value after origin"),
            ("url ws://h", "config:1:1: url must be in a profile, below [NAME]"),
            ("origin a${b", "config:1:9: expected ${NAME}, or $${ for a literal ${"),
            ("[variables]\n1a x", #"config:2:1: invalid variable name "1a"; use letters, digits and _"#),
            ("[snippets]\nsub", "config:2:1: expected a name of letters, digits, - and _, and the text of a snippet"),
        ]
    )
    func mistakes(text: String, error: String) {
        #expect(throws: FileError(error)) { try parse(text) }
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
            try file.entries(of: try file.profile("b"))
        }
        #expect(try file.entries(of: try file.profile("c")).map(\.value) == ["!echo ${C}"])
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
        let settings = try file.settings(of: try file.profile("prod"))
        #expect(settings.map(\.option) == [.header, .origin, .bearer, .header, .ipv6])
        #expect(settings.map(\.text) == ["X-B: 2", "https://a.example", "token", "x-a: 3", ""])
    }

    @Test("An invalid value of a profile is reported with its position, and a secret is not repeated")
    func invalidValues() throws {
        let file = try parse("[prod]\nurl ws://h\nconnect-timeout never\n[other]\nurl ws://h\nauth :secret")
        #expect { try file.settings(of: try file.profile("prod")) } throws: {
            ($0 as? FileError)?.message.hasPrefix(#"config:3:17: invalid value "never" for connect-timeout: "#) == true
        }
        #expect { try file.settings(of: try file.profile("other")) } throws: {
            ($0 as? FileError)?.message.contains("secret") == false
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
