import Testing

@testable import MessageText

/// Cases beyond the compliance test suite, which `Tests/JSONPath/run` runs.
@Suite struct JSONPathTests {
    private static let document = #"""
        {"items":[{"id":1,"tags":["a","b"],"price":10.5},{"id":2,"tags":[],"price":7},{"id":3}],
         "name":"caf\u00e9","other":"cafe\u0301","two words":{"it's":1},"big":12345678901234567890}
        """#

    private static func select(_ path: String, in text: String = document) throws -> [JSONPath.Node] {
        try JSONPath(parsing: path).select(in: JSONParser.parse(text.utf8))
    }

    @Test(
        "A path selects values, each at its location",
        arguments: [
            ("$.items[*].id", ["$.items[0].id", "$.items[1].id", "$.items[2].id"], ["1", "2", "3"]),
            ("$.items[-1:]..id", ["$.items[2].id"], ["3"]),
            ("$['two words']['it\\'s']", [#"$["two words"]["it's"]"#], ["1"]),
            ("$.items[?@.price > 7 && !@.tags[2]].id", ["$.items[0].id"], ["1"]),
            ("$.items[?length(@.tags) == 0 || count(@.*) == 1].id", ["$.items[1].id", "$.items[2].id"], ["2", "3"]),
            ("$[?@ == 12345678901234567890]", ["$.big"], ["12345678901234567890"]),
            ("$[?@ == 12345678901234567891]", [], []),
            ("$[?length(@) == 5]", ["$.other"], ["\"cafe\u{301}\""]),
            ("$[?@ == 'caf\u{e9}']", ["$.name"], ["\"caf\u{e9}\""]),
            ("$.nothing", [], []),
        ]
    )
    func selection(path: String, locations: [String], values: [String]) throws {
        let nodes = try Self.select(path)
        #expect(nodes.map(\.location.description) == locations)
        #expect(nodes.map(\.value.description) == values)
    }

    @Test("A normalized path escapes quotes and control characters")
    func normalized() throws {
        let nodes = try Self.select("$..*", in: #"{"it's":[{"\b\t\n\f\r\\\u000b":0}]}"#)
        #expect(nodes.last?.location.normalizedPath == #"$['it\'s'][0]['\b\t\n\f\r\\\u000b']"#)
    }

    @Test(
        "Names are compared by code points",
        arguments: [("$.caf\u{e9}", 1), ("$.cafe\u{301}", 0), ("$['cafe\u{301}']", 0)]
    )
    func codePoints(path: String, count: Int) throws {
        #expect(try Self.select(path, in: "{\"caf\u{e9}\":1}").count == count)
    }

    @Test(
        "A path at the start of a text ends where the text cannot continue it",
        arguments: [
            ("$.items count 3", "$.items", " count 3"), ("$ .a [0] == 1", "$ .a [0]", " == 1"), ("$", "$", ""),
            ("$[?@.a == 'x y']> 2", "$[?@.a == 'x y']", "> 2"), ("$.é \u{301}", "$.é", " \u{301}"),
        ]
    )
    func prefix(text: String, source: String, rest: String) throws {
        let (path, remaining) = try JSONPath.parse(prefixOf: text)
        #expect(path.source == source)
        #expect(String(remaining) == rest)
    }

    @Test(
        "A singular path selects at most one value",
        arguments: [
            ("$", true), ("$.a[0]['b'][-1]", true), ("$.*", false), ("$..a", false), ("$[0,1]", false),
            ("$[0:1]", false), ("$[?@.a]", false),
        ]
    )
    func singular(path: String, isSingular: Bool) throws {
        #expect(try JSONPath(parsing: path).isSingular == isSingular)
    }

    @Test(
        "An error has the column and what is expected there",
        arguments: [
            ("", 1, "a path that begins with $"), ("items", 1, "a path that begins with $"),
            ("$.items[", 9, "a name in quotes, an index, a slice, * or ?"), ("$.", 3, "a name or *"),
            ("$..", 4, "a name, * or ["), ("$ x", 2, "a dot, [ or the end of the path"), ("$[0 1]", 5, "a comma or ]"),
            ("$['é\u{301}x", 7, "' at the end of the string"),
            (#"$["\ud800"]"#, 10, "a low surrogate after a high one"),
            (#"$["\udc00"]"#, 4, "a high surrogate before a low one"),
            (#"$["\x"]"#, 5, #"one of b f n r t / \ " u after a backslash"#),
            ("$[01]", 3, "an integer without leading zeros"),
            ("$[9007199254740992]", 3, "an integer between -9007199254740991 and 9007199254740991"),
            ("$[?1]", 5, "a comparison"), ("$[?length(@)]", 13, "a comparison"),
            ("$[?@.* == 1]", 4, "a path of names and indexes only"),
            ("$[?1 == @..a]", 9, "a path of names and indexes only"),
            ("$[?match(@,'a') == true]", 17, "a value; match() is only true or false by itself"),
            ("$[?count(1) > 0]", 10, "a path that begins with @ or $"), ("$[?count(@.a,@.b) > 0]", 13, ")"),
            ("$[?size(@) > 0]", 4, "true, false, null, length, count, value, match or search"),
            ("$[?length (@) > 0]", 10, "( after the name of a function"), ("$[?(@.a]", 8, "&&, || or )"),
            ("$[?search(@,'[a')]", 13, "a regular expression of RFC 9485 (at its character 3: expected ])"),
            ("$" + String(repeating: "[?(@", count: 17), 68, "at most 32 levels of nesting"),
        ]
    )
    func invalid(path: String, column: Int, expected: String) {
        let error = #expect(throws: JSONPathError.self) { try JSONPath(parsing: path) }
        #expect(error?.column == column)
        #expect(error?.expected == expected)
    }

    @Test("An error is one line with the path in it")
    func errorText() {
        let error = #expect(throws: JSONPathError.self) { try JSONPath(parsing: "$.a[") }
        #expect(
            error?.description
                == "invalid JSONPath \"$.a[\": column 5: expected a name in quotes, an index, a slice, * or ?"
        )
        let path = "$" + String(repeating: ".a", count: JSONPath.lengthLimit / 2)
        #expect(throws: JSONPathError.self) { try JSONPath(parsing: path) }
    }

    @Test(
        "A path that takes too many steps fails",
        arguments: [
            "$[?$[?$[?@ == 1]]]", "$[?$ == $]", "$[?$[0] == $[0]]", "$[?length($[0]) == 1]",
            "$[?search($[0], 'a{900}b')]",
            "$[?search('b', $[0])]", "$[?$..*]",
        ]
    )
    func stepLimit(path: String) throws {
        let elements = [JSONValue.string(String(repeating: "a", count: 10_000))] + Array(repeating: .null, count: 100)
        var evaluation = JSONPathEvaluation(root: .array(elements), stepLimit: 10_000)
        let query = try JSONPath(parsing: path).query
        let error = #expect(throws: InvalidValue.self) { try evaluation.nodes(of: query, at: .null) }
        #expect(error?.description == "the JSONPath takes more than 10000 steps; make it more specific")
    }

    @Test("A path that selects too many values fails")
    func resultLimit() throws {
        let elements = Array(repeating: JSONValue.null, count: JSONPath.resultLimit / 2)
        #expect(try JSONPath(parsing: "$[*,*]").select(in: .array(elements)).count == JSONPath.resultLimit)
        let error = #expect(throws: InvalidValue.self) {
            try JSONPath(parsing: "$[*,*,0]").select(in: .array(elements))
        }
        #expect(error?.description == "the JSONPath selects more than 100000 values; make it more specific")
    }

    @Test("A deep document is searched without recursion")
    func deep() throws {
        let depth = JSONTokenizer.depthLimit
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(try Self.select("$..*", in: text).count == depth - 1)
    }
}
