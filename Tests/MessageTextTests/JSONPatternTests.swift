import MessageText
import Testing

@Suite struct JSONPatternTests {
    private static func match(_ pattern: String, _ text: String) throws -> JSONPattern.Match {
        try JSONPattern(pattern).match(JSONParser.parse(text.utf8))
    }

    @Test(
        "A value matches, and placeholders with a name capture",
        arguments: [
            ("{}", #"{"a":1}"#, "{}"), ("*", "null", "{}"), ("*all", "[1, 2]", #"{"all":[1,2]}"#),
            (#"{"a":1.0,"b":*}"#, #"{"c":2,"b":{},"a":1}"#, "{}"),
            (
                #"{"id":*id:integer,"tags":[*:string, ...],"at":*,"who":{"name":*_n2}}"#,
                #"{"id":7,"tags":["a","b"],"at":null,"who":{"name":"ann"}}"#, #"{"_n2":"ann","id":7}"#
            ),
            ("[...]", "[]", "{}"), ("[ ... ]", "[1]", "{}"), ("[1, *x, ...]", "[1,2]", #"{"x":2}"#),
            ("[*:integer,*:integer,*:number,*:boolean]", "[1e3,7.0,7.5,false]", "{}"),
            ("[*:array,*:object,*:null,*:string]", #"[[],{},null,""]"#, "{}"),
        ]
    )
    func matched(pattern: String, text: String, captures: String) throws {
        guard case .matched(let values) = try Self.match(pattern, text) else {
            Issue.record("\(text) does not match")
            return
        }
        #expect(JSONValue.object(values).description == captures)
    }

    @Test(
        "Each difference has its path, the value expected and the value received",
        arguments: [
            (
                #"{"items":[*,*,{"id":*:string}]}"#, #"{"items":[0,1,{"id":7}]}"#,
                ["$.items[2].id: expected a string, got 7"]
            ),
            (
                #"{"a":1,"b":*x:integer}"#, #"{"a":"1"}"#,
                [#"$.a: expected 1, got "1""#, "$.b: expected an integer, got nothing"]
            ),
            ("*:integer", "7.5", ["$: expected an integer, got 7.5"]), ("*:null", "0", ["$: expected null, got 0"]),
            ("[1]", "[1,2]", ["$: expected 1 element, got [1,2]"]),
            ("[*,*,...]", "[1]", ["$: expected at least 2 elements, got [1]"]),
            (#"{"a b":{}}"#, #"{"a b":[]}"#, [#"$["a b"]: expected an object, got []"#]),
            (#"{"a":*}"#, "{}", ["$.a: expected a value, got nothing"]), ("[]", "{}", ["$: expected an array, got {}"]),
            ("\"caf\u{e9}\"", "\"cafe\u{301}\"", ["$: expected \"caf\u{e9}\", got \"cafe\u{301}\""]),
        ]
    )
    func differs(pattern: String, text: String, lines: [String]) throws {
        guard case .differs(let differences) = try Self.match(pattern, text) else {
            Issue.record("\(text) matches")
            return
        }
        #expect(differences.map(\.description) == lines.map { VisibleText.distinct($0) })
    }

    @Test("A value that is too long for a report is cut")
    func long() throws {
        let text = "\"" + String(repeating: "x", count: 1000) + "\""
        guard case .differs(let differences) = try Self.match("7", text) else {
            Issue.record("it matches")
            return
        }
        #expect("\(differences)".utf8.count < 500)
    }

    @Test(
        "An error has the byte at fault and the token that would be correct",
        arguments: [
            ("", 0, "a value"), (#"{"a":*1}"#, 6, "a name that begins with a letter or _"),
            (#"{"a":*x:strin}"#, 8, "one of string, number, integer, boolean, array, object or null"),
            (#"{"a":*:}"#, 7, "one of string, number, integer, boolean, array, object or null"),
            (#"{"a":*x y}"#, 8, "a comma or }"), (#"{"a":*x-y}"#, 7, "a comma or }"), ("{*}", 1, "a name in quotes"),
            (#"{"a":...}"#, 5, "a value"), ("...", 0, "a value"), ("[..]", 1, "..."), ("[...,1]", 4, "] after ..."),
            ("[1 ...]", 3, "a comma or ]"), ("[1,]", 3, "a value"),
            ("[*x,*x]", 4, "a name other than x, which is used twice"),
            (#"{"a":1,"a":2}"#, 7, "a name that this object does not have yet"),
        ]
    )
    func invalid(pattern: String, offset: Int, expected: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONPattern(pattern) }
        #expect(error?.offset == offset)
        #expect(error?.expected == expected)
    }

    @Test("Names of captures are in the order of the pattern")
    func names() throws {
        #expect(try JSONPattern(#"{"z":*b,"a":[*:null,*a:string]}"#).captureNames == ["b", "a"])
    }

    @Test("Placeholders are not JSON", arguments: [#"{"a":*}"#, #"{"a":*x}"#, #"{"a":*:string}"#, "[...]"])
    func notJSON(pattern: String) throws {
        #expect((try? JSONParser.parse(pattern.utf8)) == nil)
        _ = try JSONPattern(pattern)
    }

    @Test(
        "The plain text of a string has no quotes",
        arguments: [(#""a\"b""#, "a\"b"), ("7.50", "7.5"), ("[1, {}]", "[1,{}]")]
    )
    func plainText(text: String, plain: String) throws {
        #expect(try JSONParser.parse(text.utf8).plainText == plain)
    }
}
