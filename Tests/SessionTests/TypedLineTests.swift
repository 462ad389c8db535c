import LineEditor
import MessageText
import ProcessSupport
import TestScript
import Testing

@testable import wsline

/// Tests of typed lines: commands that look back or send, recalled lines, snippets and invalid JSON.
@Suite(.fewAtATime) struct TypedLineTests {
    @Test(
        "A typed line is parsed",
        arguments: [
            ("/show", .command(.scrollback(.show(nil)))), ("/show 12", .command(.scrollback(.show(.number(12))))),
            ("/show -2", .command(.scrollback(.show(.back(2))))),
            ("/save a b", .command(.scrollback(.save(file: "a b", nil)))),
            ("/save a b 7", .command(.scrollback(.save(file: "a b", .number(7))))),
            ("/copy 3", .command(.scrollback(.copy(.number(3))))),
            ("/find  two words", .command(.scrollback(.find(.text("two words"))))),
            ("/again", .command(.sending(.again))), ("/repeat", .command(.repeating(.list))),
            ("/repeat stop", .command(.repeating(.stop))),
            (
                "/repeat 500ms a  b",
                .command(.repeating(.start(RepeatedMessage(interval: Seconds(value: 0.5), text: "a  b"))))
            ),
            ("/send -l a b", .command(.sending(.lines(file: "a b")))),
            ("/send -lx", .command(.sending(.file("-lx", asBinary: false)))),
            ("/snippet sub  {\"a\": 1}", .command(.addSnippet("sub", text: "{\"a\": 1}"))),
            ("/history 5", .command(.recall(5))), ("/history a5", .command(.history(containing: "a5"))),
            ("!5", .command(.recall(5))), ("!!5", .message("!5")), ("!!!5", .message("!!5")), ("!", .message("!")),
            ("!!", .message("!!")), ("!5a", .message("!5a")), ("! 5", .message("! 5")),
            ("/reconnect @prod", .command(.connect(profile: "prod"))),
        ] as [(String, TypedLine)]
    )
    func parsed(line: String, expected: TypedLine) throws {
        #expect(try TypedLine(line) == expected)
    }

    @Test(
        "An invalid argument is an error that says what to write",
        arguments: [
            ("/show 0", "message number"), ("/show x", "message number"), ("/show -10001", "message number"),
            ("/save", "/save FILE [N]"), ("/find", "/find TEXT"), ("/find ~(", "regular expression"),
            ("/again x", "no arguments"), ("/repeat 5s", "30s hello"), ("/repeat 0s a", "30s hello"),
            ("/repeat x a", "30s hello"), ("/send -l", "/send [-l] FILE"), ("/snippet a", "/snippet NAME TEXT"),
        ]
    )
    func invalid(line: String, error: String) {
        #expect { try TypedLine(line) } throws: { ($0 as? SlashCommand.Invalid)?.message.contains(error) == true }
    }

    @Test(
        "Pasted text that looks like a recalled line is quoted",
        arguments: ["!5", "!!5", "/a", "//a", "a", "!", "!5\n!6"]
    )
    func quoted(text: String) throws {
        #expect(try TypedLine(LineKind.quote(text)) == .message(text))
    }

    @Test(
        "A snippet is a message with arguments and variables",
        arguments: [
            (#"{"a":"$1"}"#, "x", #"{"a":"x"}"#), ("$2 $1", "a b c", "b c a"), ("$1$1", "x", "xx"),
            ("${HOST}/$1", "x", "example.com/x"), ("$$1 $", "", "$1 $"), ("$${HOST}", "", "${HOST}"),
            ("$1", "${HOST} $1", "${HOST} $1"), ("$1", "", nil), ("$2", "a", nil), ("plain", "a", nil),
            ("${UNKNOWN}", "", nil),
        ] as [(String, String, String?)]
    )
    func snippet(text: String, argument: String, message: String?) throws {
        let snippet = try Snippet(text)
        let variables = ["HOST": "example.com"]
        #expect((try? snippet.message(argument) { variables[$0] }) == message)
    }

    @Test("A line is looked up among the snippets, but commands come first")
    func snippets() throws {
        let snippets = Snippets(["sub": try Snippet("s $1"), "ping": try Snippet("p")])
        #expect(try snippets.message("/sub a") == "s a")
        #expect(try snippets.message("/ping") == nil)
        #expect(try snippets.message("//sub a") == nil && snippets.message("sub a") == nil)
        #expect(try snippets.message("/other") == nil)
        #expect(throws: SlashCommand.Invalid.self) { try snippets.message("/sub") }
        #expect(throws: SlashCommand.Invalid.self) { try snippets.add("info", "x") }
        #expect(throws: SlashCommand.Invalid.self) { try snippets.add("a/b", "x") }
        #expect(throws: SlashCommand.Invalid.self) { try snippets.add("ab", "${") }
        try snippets.add("new", "n")
        #expect(try snippets.message("/new") == "n")
        #expect(snippets.names == ["new", "ping", "sub"])
        #expect(Completer.complete("/su", snippets.names, [])?.candidates == ["/sub"])
        #expect(Completer.complete("/reconnect @p", [], ["dev", "prod"])?.candidates == ["@prod"])
    }

    @Test(
        "A message that begins like JSON but is none has a warning with its position",
        arguments: [
            (#"{"a":1}"#, nil), ("[1,2]", nil), ("text", nil), (#""a"#, nil), ("/set {", nil), (" {", nil),
            (#"{"a":1,}"#, "column 8"), (#"{"ä": x}"#, "column 7"), ("[1", "column 3"),
            ("{\n  \"a\": ]", "line 2, column 8"), (#"{"a":1} x"#, "column 9"),
        ] as [(String, String?)]
    )
    func json(line: String, place: String?) {
        #expect(TypedJSON.warning(line) == place.map { "invalid JSON at \($0), Enter sends it" })
    }
}
