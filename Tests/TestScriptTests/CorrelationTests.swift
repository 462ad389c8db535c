import Foundation
import MessageText
import Testing

@testable import TestScript

/// Recordings become scripts that pass again, although servers make new values for each session.
@Suite struct CorrelationTests {
    private enum Line {
        case sent(String), received(String), after(Int)
    }

    private static func recording(_ lines: [Line], _ fields: String = "\"url\":\"ws://h/\"") -> String {
        var second = 0
        var text = event(0, "\"event\":\"open\",\(fields)")
        for line in lines {
            switch line {
            case .after(let seconds): second += seconds
            case .sent(let data): text += message(second, "sent", data)
            case .received(let data): text += message(second, "received", data)
            }
        }
        return text
    }

    private static func event(_ second: Int, _ fields: String) -> String {
        "{\"time\":\"2026-11-23T12:00:\(second < 10 ? "0" : "")\(second).000000Z\",\(fields)}\n"
    }

    private static func message(_ second: Int, _ direction: String, _ data: String) -> String {
        let quoted = JSONValue.string(data).description
        return event(
            second,
            "\"event\":\"message\",\"direction\":\"\(direction)\",\"type\":\"text\",\"data\":\(quoted)"
        )
    }

    private func script(_ recording: String, comparedWith other: String? = nil) throws -> String {
        let others = try other.map { try Recording.parse(Array($0.utf8), "b") } ?? []
        let script = try RecordedScript(of: try Recording.parse(Array(recording.utf8), "a"), comparedWith: others)
        // What is written is read as the same statements.
        let steps = try #require(ScriptParser.tests(in: script.text, side: .client)).flatMap(\.statements).map(\.step)
        #expect(steps == script.lines.compactMap { if case .step(let step, _) = $0 { step } else { nil } })
        return script.text
    }

    private static let id = "0e8dd1b5-2f5c-4f0a-9d5a-6a3b8c1d2e3f"

    private static let sessionCases: [([Line], String)] = [
        (
            [
                .received(#"{"type":"welcome","sid":"ab12cd","at":"2026-11-23T12:00:00Z"}"#),
                .sent(#"{"op": "join", "session": "ab12cd"}"#), .received(#"{"joined":"ab12cd"}"#),
            ],
            """
            <json {"type":"welcome","sid":*sid,"at":*}
            > {"op": "join", "session": "${sid}"}
            <json {"joined":"${sid}"}
            """
        ),
        ([.sent(#"{"id":1}"#), .received(#"{"id":1,"ok":true}"#)], "> {\"id\":1}\n< {\"id\":1,\"ok\":true}"),
        (
            [.sent("{\"id\":\"\(id)\"}"), .received("{\"id\":\"\(id)\",\"n\":1}")],
            "set id ${uuid()}\n> {\"id\":\"${id}\"}\n<json {\"id\":\"${id}\",\"n\":1}"
        ),
        ([.received("{\"at\":1795435200123,\"n\":7}")], "<json {\"at\":*,\"n\":7}"),
        (
            [.received("{\"order\":81234}"), .sent("{\"cancel\":81234}")],
            "<json {\"order\":*order}\n> {\"cancel\":${order}}"
        ),
        ([.received("{\"key\":\"aB3dE5gH7jK9mN1p\"}")], "<json {\"key\":*}"),
        ([.received("{\"key\":\"-8808416810012949691.1.2\"}")], "<json {\"key\":*}"),
        (
            [.received("{\"text\":\"a sentence that stays the same\"}")],
            "< {\"text\":\"a sentence that stays the same\"}"
        ),
        (
            [.received("{\"a\":\"x1y2\",\"b\":\"x1y2\"}"), .sent("[\"x1y2\"]")],
            "<json {\"a\":*a,\"b\":*}\n> [\"${a}\"]"
        ),
        (
            [
                .received("0{\"sid\":1}"), .received("2"), .sent("3"), .sent("4hello"), .received("2"), .sent("3"),
                .received("4world"),
            ],
            "on 2 > 3\n< 0{\"sid\":1}\n> 4hello\n< 4world"
        ),
        (
            [.received("{\"type\":\"ping\",\"message\":1795435200}"), .sent("a"), .after(3), .received("b")],
            "ignore {\"type\":\"ping\",\"message\":*}\n> a\n< b"
        ),
        (
            [
                .received(#"{"type":"ping"}"#), .received("a"), .sent(#"{"type":"pong"}"#), .sent("b"), .after(1),
                .received(#"{"type":"ping"}"#), .sent("c"), .sent(#"{"type":"pong"}"#), .after(1),
                .received(#"{"type":"ping"}"#),
            ],
            """
            on {"type":"ping"} > {"type":"pong"}
            < a
            > b
            > c
            """
        ),
        (
            [
                .received("tick"), .sent("tock"), .after(5), .received("tick"), .sent("tock"), .after(5),
                .received("tick"), .sent("tock"), .received("b"),
            ],
            "on tick > tock\n< b"
        ),
        ([.received("tick"), .sent("tock"), .received("tick"), .sent("tock")], "< tick\n> tock\n< tick\n> tock"),
        (
            [
                .received(#"0{"sid":"L9aKK71hXZYNacDSAABE","pingInterval":25000}"#), .sent(#"40{"token":"t"}"#),
                .received(#"40{"sid":"BoJNsII9qoZ0hDcFAAAO"}"#), .sent(#"42["leave","BoJNsII9qoZ0hDcFAAAO"]"#),
                .received(#"43[{"left":"BoJNsII9qoZ0hDcFAAAO","at":1795435200123}]"#), .received(#"42["end"]"#),
            ],
            #"""
            <~ ^0\{"sid":"[^"]*","pingInterval":25000\}$
            > 40{"token":"t"}
            <~ ^40\{"sid":"(?<sid>[^"]*)"\}$
            > 42["leave","${sid}"]
            <~ ^43\[\{"left":"${sid}","at":[-+.eE\d]+\}\]$
            < 42["end"]
            """#
        ),
        (
            [
                .received("CONNECTED\nsession:ab12cd34ef56gh78\n\n\0"), .sent("JOIN ab12cd34ef56gh78"),
                .received("joined  at 2026-11-23T12:00:00.5Z  # (yes)"), .received("order 81234"),
                .sent("cancel 81234"),
            ],
            ##"""
            <~ ^CONNECTED\nsession:(?<session>\S+)\n\n\x00$
            > JOIN ${session}
            <~ ^joined  at \S+  \# \(yes\)$
            <~ ^order (?<order>\S+)$
            > cancel ${order}
            """##
        ),
        (
            [.received("{\"${x}\":\"q7w8\"}"), .sent("{\"${y}\":\"q7w8\"}")],
            "<json {\"$${x}\":*x}\n> {\"$${y}\":\"${x}\"}"
        ),
    ]

    @Test("Values that are different in each session are captured, made anew or any", arguments: sessionCases.indices)
    func sessions(index: Int) throws {
        let (lines, expected) = Self.sessionCases[index]
        #expect(try script(Self.recording(lines)) == "connect ws://h/\n\(expected)\n")
    }

    @Test("What differs between two recordings can be any value")
    func comparison() throws {
        let first = Self.recording([.sent("a"), .received("{\"load\":0.31,\"host\":\"x\"}"), .received("{\"a\":1}")])
        let second = Self.recording([.sent("a"), .received("{\"load\":0.7,\"host\":\"x\"}"), .received("{\"b\":1}")])
        let text = try script(first, comparedWith: second)
        let expected = """
            connect ws://h/
            > a
            <+ {"load":*,"host":"x"}
            # only in one recording: {"a":1}

            """
        #expect(text == expected)
    }

    @Test("Messages that are in another order in the other recording can be in any order")
    func order() throws {
        let reply = #"{"reply":{"count":41}}"#
        let first = Self.recording([
            .received("a"), .received("b"), .sent("go"), .received(reply), .received("x"), .received(#"{"idle":1}"#),
        ])
        let second = Self.recording([
            .received("a"), .received("b"), .sent("go"), .received(#"{"idle":1}"#), .received("z 1"),
            .received(#"{"reply":{"count":42}}"#), .received("x"),
        ])
        let expected = """
            connect ws://h/
            < a
            < b
            > go
            <+ {"reply":{"count":*}}
            <+ x
            <+ {"idle":1}

            """
        #expect(try script(first, comparedWith: second) == expected)
        // A message that arrived before another was sent, and after it.
        let early = Self.recording([.received(#"{"n":1}"#), .sent("go"), .received(#"{"n":2,"ok":1}"#)])
        let late = Self.recording([.sent("go"), .received(#"{"n":1}"#), .received(#"{"n":2,"ok":1}"#)])
        let either = "<+ {\"n\":1}\n> go\n<+ {\"n\":2,\"ok\":1}\n"
        #expect(try script(early, comparedWith: late) == "connect ws://h/\n" + either)

        let recordings = try Recording.parse(Array(first.utf8), "a")
        let unordered = try RecordedScript(of: recordings, inAnyOrder: true).text
        #expect(unordered == expected.replacing("*", with: "41").replacing("< ", with: "<+ "))
    }

    @Test("Connections of one test become one test again, with their messages in order")
    func connections() throws {
        func open(_ second: Int, _ name: String) -> String {
            Self.event(
                second,
                "\"event\":\"open\",\"url\":\"ws://h/\",\"headers\":[\"Cookie: …\"],\"connection\":\"\(name)\""
            )
        }
        let recording =
            open(0, "ann") + Self.message(2, "received", #"{"sid":"ab12cd34ef56gh78"}"#)
            + Self.message(4, "sent", "hi") + open(1, "bob")
            + Self.message(3, "sent", #"{"with":"ab12cd34ef56gh78"}"#)
            + Self.message(5, "received", "hi")
        let test = """
            # A recording has no secrets and no files: give COOKIE, COOKIE2 with --set or --env-file.
            @ann connect ws://h/
            @ann cookie ${COOKIE}
            @bob connect ws://h/
            @bob cookie ${COOKIE2}
            @ann <json {"sid":*sid}
            @bob > {"with":"${sid}"}
            @ann > hi
            @bob < hi

            """
        #expect(try script(recording) == test)
        #expect(try script(recording + recording).split(separator: "== session").count == 2)
        #expect(throws: Recording.Invalid.self) { try script(recording.replacing("bob", with: "x > y")) }
    }

    @Test("Options of the handshake stay, with variables for their secrets")
    func handshake() throws {
        let headers = [
            "Authorization: Bearer …", "Cookie: …", "Origin: https://a.example", "X-Api-Key: …", "X-Id: 7", "no header",
            "HOME: ${HOME}", "bad name: x",
        ]
        let list = JSONValue.array(headers.map(JSONValue.string)).description
        let names = ["ca", "no-check", "run", "servername a.example", "http2", "http2 try"]
        let options = JSONValue.array(names.map(JSONValue.string)).description
        let fields = "\"url\":\"wss://…@h/?token=…&v=1\",\"headers\":\(list),\"options\":\(options)"
        let text = try script(Self.recording([], fields))
        let expected = """
            # A recording has no secrets and no files: give CREDENTIALS, TOKEN, TOKEN2, COOKIE, HEADER_X_API_KEY, CA with --set or --env-file.
            # The certificate was not checked; the option no-check would do the same here.
            connect wss://${CREDENTIALS}@h/?token=${TOKEN}&v=1
            bearer ${TOKEN2}
            cookie ${COOKIE}
            origin https://a.example
            header X-Api-Key: ${HEADER_X_API_KEY}
            header X-Id: 7
            header HOME: $${HOME}
            ca ${CA}
            servername a.example
            http2

            """
        #expect(text == expected)
    }

    private static let archiveText = """
        {"log":{"entries":[{"request":{"url":"https://h/"}},{"request":{"url":"wss://h/?token=x","headers":[
        {"name":"Origin","value":"https://h"},{"name":"Cookie","value":"a=s3cret"},{"name":"Accept-Language","value":"de"}]},
        "response":{"headers":[{"name":"Sec-WebSocket-Protocol","value":"chat"}]},"_webSocketMessages":[
        {"type":"send","time":1795435200.5,"opcode":1,"data":"hi\\n>file x"},
        {"type":"receive","time":1795435201.25,"opcode":2,"data":"AP8="},{"type":"error","time":1,"opcode":1,"data":""}]}]}}
        """

    @Test("Sessions in an HTTP archive of a browser become scripts")
    func archive() throws {
        let recordings = try HTTPArchive.recordings(Array(Self.archiveText.utf8), "a.har")
        #expect(recordings.map { $0.events.map(\.time) } == [[.zero, .milliseconds(750)]])
        let text = try RecordedScript(of: recordings).text
        let statements = text.split(separator: "\n").dropFirst().joined(separator: "\n")
        #expect(
            statements == """
                connect wss://h/?token=${TOKEN}
                subprotocol chat
                origin https://h
                cookie ${COOKIE}
                >string "hi\\n>file x"
                <hex 00ff
                """
        )
    }

    @Test(
        "A file that is no archive, or has no session, is refused",
        arguments: ["", "[]", "{\"log\":{\"entries\":[{}]}}", "{"]
    )
    func noArchive(text: String) {
        #expect(throws: Recording.Invalid.self) { try HTTPArchive.recordings(Array(text.utf8), "a.har") }
    }

    @Test(
        "An archive with values that no session can have is refused",
        arguments: [
            ("1795435200.5", "1e300"), ("\"AP8=\"", "\"?\""), ("1795435201.25", "9e11"), ("\"type\":\"send\",", ""),
        ]
    )
    func hostileArchive(part: String, replacement: String) {
        let text = Self.archiveText.replacing(part, with: replacement)
        #expect(throws: Recording.Invalid.self) { try HTTPArchive.recordings(Array(text.utf8), "a.har") }
    }

    @Test("Text in binary messages is written and correlated as text")
    func binaryText() throws {
        func message(_ direction: String, _ text: String) -> String {
            let data = Data(text.utf8).base64EncodedString()
            return Self.event(
                1,
                "\"event\":\"message\",\"direction\":\"\(direction)\",\"type\":\"binary\",\"data_base64\":\"\(data)\""
            )
        }
        func session(_ number: Int) -> String {
            Self.recording([]) + message("received", "INFO {\"client_id\":\(number)}\r\n")
                + message("sent", "PING\r\n") + message("received", "PONG\r\n")
                + message("received", "MSG a job-\(number)000\r\n") + message("sent", "ACK job-\(number)000\r\n")
                + message("received", "\u{1}")
        }
        let expected = #"""
            connect ws://h/
            <~b ^INFO \{"client_id":[-+.eE\d]+\}\r\n$
            >bytes "PING\r\n"
            <~b ^PONG\r\n$
            <~b ^MSG a (?<a>\S+)\r\n$
            >bytes "ACK ${a}\r\n"
            <hex 01

            """#
        #expect(try script(session(7), comparedWith: session(8)) == expected)
    }
}
