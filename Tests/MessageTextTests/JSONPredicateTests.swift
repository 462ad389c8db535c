import MessageText
import Testing

@Suite struct JSONPredicateTests {
    private static let document = """
        {"items":[{"id":1,"price":10.5},{"id":2,"price":7}],"name":"caf\u{e9}","tags":["a","b"],"none":null,"empty":[]}
        """

    private static func differences(_ text: String) throws -> [String] {
        let (path, predicate) = try JSONPath.parse(prefixOf: text)
        return try JSONPredicate(String(predicate)).differences(at: path, in: JSONParser.parse(document.utf8))
            .map(\.description)
    }

    @Test(
        "A predicate is met",
        arguments: [
            "$.items count 2", "$.items[*] count 2", "$.items[*].id count > 1", "$.items[0] count 2", "$.empty count 0",
            "$.nothing[*] count 0", "$.items not count 3", "$.items[*] not count <= 1", "$.items[0].price > 10",
            "$.items[*].price >= 7", "$.items[*].price not < 7", "$.items[1].price==7.0", "$.items[1].price != \"7\"",
            "$.name not == \"cafe\u{301}\"", "$.name < \"d\"", "$.tags == [\"a\", \"b\"]", "$.none == null",
            "$.none exists",
            "$.nothing not exists", "$.items[?@.id > 1] exists", "$.name contains \"af\"", "$.name contains \"\"",
            "$.name not contains \"x\"", "$.tags contains \"b\"", "$.tags not contains \"c\"",
            "$.none not contains \"n\"",
            "$.items contains {\"id\":2,\"price\":7}", "$.name startsWith \"ca\"", "$.name not startsWith \"a\"",
            "$.name endsWith \"f\u{e9}\"", "$.name not endsWith \"e\u{301}\"", #"$.name matches ^\w{4}$"#,
            #"$.name matches "^\\w{4}$""#, "$.name not matches x", "$.items isType array",
            "$.items[*].id isType integer",
            "$.items[0].price isType number", "$.items[0].price not isType integer", "$.none isType null",
            "$ isType object",
        ]
    )
    func met(text: String) throws {
        #expect(try Self.differences(text) == [])
    }

    @Test(
        "Each value that does not meet a predicate is reported",
        arguments: [
            ("$.items[*].price > 8", ["$.items[1].price: expected a value > 8, got 7"]),
            ("$.items[*].id == 3", ["$.items[0].id: expected 3, got 1", "$.items[1].id: expected 3, got 2"]),
            ("$.items[0].id not == 1", ["$.items[0].id: expected a value not == 1, got 1"]),
            ("$.tags count 3", [#"$.tags: expected a count == 3, got ["a","b"]"#]),
            ("$.tags[*] count 3", ["$.tags[*]: expected a count == 3, got 2"]),
            ("$.tags not count 2", [#"$.tags: expected a count not == 2, got ["a","b"]"#]),
            ("$.none count 0", ["$.none: expected a count == 0, got null"]),
            ("$.nothing count 0", ["$.nothing: expected a count == 0, got nothing"]),
            ("$.nothing not == 1", ["$.nothing: expected a value not == 1, got nothing"]),
            ("$.nothing exists", ["$.nothing: expected a value, got nothing"]),
            ("$.none not exists", ["$.none: expected no value, got null"]),
            ("$.tags contains \"c\"", [#"$.tags: expected a value containing "c", got ["a","b"]"#]),
            ("$.tags[0] startsWith \"b\"", [#"$.tags[0]: expected a value starting with "b", got "a""#]),
            ("$.tags[0] not endsWith \"a\"", [#"$.tags[0]: expected a value not ending with "a", got "a""#]),
            ("$.tags[0] matches ^b", [#"$.tags[0]: expected a value matching ~^b, got "a""#]),
            ("$.none matches .", ["$.none: expected a value matching ~., got null"]),
            ("$.tags isType string", [#"$.tags: expected a value of type string, got ["a","b"]"#]),
            ("$.none < 1", ["$.none: expected a value < 1, got null"]),
        ]
    )
    func notMet(text: String, lines: [String]) throws {
        #expect(try Self.differences(text) == lines)
    }

    private static let noValue = "invalid JSON at byte 1: expected a value; write strings in quotes"

    @Test(
        "An invalid predicate is reported with the part at fault",
        arguments: [
            ("contain \"x\"", "unknown condition \"contain\"; did you mean \"contains\"?"),
            (
                "= 3",
                "unknown condition \"=\"; use one of == != <= >= < > contains count endsWith exists isType matches startsWith not"
            ),
            ("== abc", "\"==\" requires a JSON value, but \"abc\" is \(noValue)"),
            ("==", "\"==\" requires a JSON value, but \"\" is \(noValue)"),
            ("not startsWith 3", "\"startsWith\" needs text in quotes, not 3"),
            ("count three", "\"count\" requires a number such as 3, not \"three\""),
            ("count", "\"count\" requires a number such as 3, not \"\""),
            ("exists 3", "\"exists\" takes no value; remove \"3\""),
            ("matches", "\"matches\" needs a regular expression"),
            ("matches (", "invalid regular expression \"(\": expected ')'"),
            (
                "isType text",
                "\"isType\" requires one of string, number, integer, boolean, array, object or null, not \"text\""
            ),
        ]
    )
    func invalid(source: String, description: String) {
        let error = #expect(throws: InvalidValue.self) { try JSONPredicate(source) }
        #expect(error?.description == description)
    }

    @Test(
        "Only some regular expressions backtrack",
        arguments: [("matches a+", true), (#"matches (.)\1"#, false), ("exists", true)]
    )
    func linear(source: String, isLinear: Bool) throws {
        #expect(try JSONPredicate(source).isLinear == isLinear)
    }
}
