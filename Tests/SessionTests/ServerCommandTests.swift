import LineEditor
import MessageText
import ProcessSupport
import TestScript
import Testing

@testable import wsline

/// Tests of lines typed at the terminal of `serve`.
@Suite(.fewAtATime) struct ServerCommandTests {
    @Test(
        "A command is parsed",
        arguments: [
            ("to 2 hi  there", .to(2, "hi  there")), ("to 2 //a", .to(2, "/a")), ("to 2 !5", .to(2, "!5")),
            ("to 2 /send a b", .sending(.file("a b", asBinary: false), to: 2)),
            ("to 2 /again", .sending(.again, to: 2)), ("send -l a b", .sending(.lines(file: "a b"), to: nil)),
            ("to 12 /binary 00 ff", .sending(.bytes([0, 255]), to: 12)), ("again", .sending(.again, to: nil)),
            ("binary @a b", .sending(.file("a b", asBinary: true), to: nil)),
            ("show -2", .scrollback(.show(.back(2)))), ("save a b 7", .scrollback(.save(file: "a b", .number(7)))),
            ("find  two words", .scrollback(.find(.text("two words")))), ("copy", .scrollback(.copy(nil))),
            ("repeat", .repeating(.list)), ("repeat stop", .repeating(.stop)),
            ("repeat 1s a", .repeating(.start(RepeatedMessage(interval: Seconds(value: 1), text: "a")))),
            ("record a b", .record(file: "a b")), ("record stop", .record(file: nil)),
            ("pipe off", .pipe(command: nil)), ("ping all", .ping(nil)), ("ping 3", .ping(3)),
            ("help show", .help(.show)),
        ] as [(Substring, ServerCommand)]
    )
    func parsed(text: Substring, expected: ServerCommand) throws {
        #expect(try ServerCommand(text) == expected)
    }

    @Test(
        "An invalid argument is an error that says what to write",
        arguments: [
            ("to 2 /quit", "//quit sends it as a message"), ("to 2 /to 3 a", "//to 3 a sends"),
            ("to 2 /unknown", "//unknown sends"), ("to 2 /binary x", "/binary 00ff10"), ("to 0 a", "client number"),
            ("to 2", "/to N TEXT"), ("show x", "message number"), ("send", "/send [-l] FILE"),
            ("again 2", "no arguments"),
            ("record", "/record FILE|stop"), ("repeat 5s", "30s hello"), ("snippets", "unknown command"),
        ] as [(Substring, String)]
    )
    func invalid(text: Substring, error: String) {
        #expect { try ServerCommand(text) } throws: { ($0 as? SlashCommand.Invalid)?.message.contains(error) == true }
    }

    @Test(
        "Tab completes commands and their arguments, also those of /to",
        arguments: [
            ("/re", ["/repeat", "/record"]), ("/to 1 /", ["/send", "/binary", "/again"]), ("/to 1 /s", ["/send"]),
            ("/repeat s", ["stop"]), ("/record sto", ["stop"]), ("/filter o", ["off"]), ("/help sho", ["show"]),
            ("/to 1 text", nil), ("/to 1 //s", nil), ("text", nil), ("/clients ", []),
        ] as [(String, [String]?)]
    )
    func completed(line: String, candidates: [String]?) {
        #expect(Completer.complete(line, Clients())?.candidates == candidates)
    }

    @Test("A command that a session has too has the same arguments, summary and help")
    func help() {
        for name in ServerCommandName.allCases {
            #expect(!name.summary.isEmpty, "\(name)")
            guard let shared = name.shared else { continue }
            #expect(ServerCommandName.help(name) == CommandName.help(shared))
        }
    }
}
