import Testing

@testable import MessageText

@Suite struct JSONSelectionTests {
    private static func select(_ path: String, _ message: String, isTooLarge: Bool = false) throws -> [String] {
        var values: [String] = []
        let selection = JSONSelection(try JSONPath(parsing: path))
        let outcome = Array(message.utf8).withUnsafeBytes { bytes in
            selection.forEachValue(in: bytes) { values.append(String(decoding: $0, as: UTF8.self)) }
        }
        #expect(outcome == (isTooLarge ? .tooLarge : values.isEmpty ? .nothing : .selected))
        return values
    }

    @Test(
        "A path selects values as text",
        arguments: [
            ("$.p", #"{"type":"trade","p":1.50}"#, ["1.50"]), ("$.p", #"{"q":1}"#, []), ("$.p", "text", []),
            ("$.p", #"{"p":1"#, []), ("$.p", #"{"p":1,"p":2}"#, ["2"]), ("$", "[1, 2]", ["[1,2]"]),
            ("$.a.b", #"{"a":{"b":"x y"}}"#, ["x y"]), ("$.a.b", #"{"a":[]}"#, []),
            ("$.a.b", #"{"a":{"b":1},"a":{}}"#, []),
            ("$[1]", #"["a",true,null]"#, ["true"]), ("$[2]", #"["a",true,null]"#, ["null"]), ("$[3]", "[1]", []),
            ("$[-1]", #"["a","b"]"#, ["b"]), ("$.a[0].b", #"{"a":[{"b":-1e3},{"b":2}]}"#, ["-1e3"]),
            ("$.s", #"{"s":"\u00e9\t\"x\""}"#, ["é\t\"x\""]), ("$.s", #"{"s":""}"#, [""]),
            ("$.o", "{\"o\":{ \"b\" : 1,\n\"a\" : [ ] }}", [#"{"b":1,"a":[]}"#]),
            ("$.a[*].b", #"{"a":[{"b":1},{"c":2},{"b":"x"}]}"#, ["1", "x"]),
            ("$..b", #"{"b":{"b":1}}"#, [#"{"b":1}"#, "1"]),
            ("$[?@.a > 1].a", #"[{"a":1},{"a":2}]"#, ["2"]),
        ]
    )
    func values(path: String, message: String, values: [String]) throws {
        #expect(try Self.select(path, message) == values)
    }

    @Test(
        "A string with a line break is selected as JSON, so that each value is one line",
        arguments: ["$.s", "$[?@]"]
    )
    func lineBreaks(path: String) throws {
        #expect(try Self.select(path, #"{"s":"a\nb"}"#) == [#""a\nb""#])
        #expect(try Self.select(path, #"{"s":"a\rb"}"#) == [#""a\rb""#])
    }

    @Test("A path that takes too many steps, or a message that is too large for it, is reported")
    func bounds() throws {
        let numbers = "[" + repeatElement("1", count: 1000).joined(separator: ",") + "]"
        #expect(try Self.select("$[?count($[?@ == 1]) == 1000]", numbers, isTooLarge: true) == [])
        let large = "[1,\"" + String(repeating: "a", count: 1 << 20) + "\"]"
        #expect(try Self.select("$[0]", large) == ["1"])
        #expect(try Self.select("$[:1]", large, isTooLarge: true) == [])
        // No path selects anything in a message that is not JSON.
        #expect(try Self.select("$[:1]", large + "]") == [])
    }

    @Test("The values of a message are limited, because they can be many times larger than it, and all or none")
    func nesting() throws {
        let depth = 500
        let message =
            String(repeating: "[", count: depth) + "\"" + String(repeating: "a", count: 10_000) + "\""
            + String(repeating: "]", count: depth)
        #expect(try Self.select("$..*", message, isTooLarge: true) == [])
        #expect(try Self.select("$..*[?@ == 1]", message) == [])
    }
}
