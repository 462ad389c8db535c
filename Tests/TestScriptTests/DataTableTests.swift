import MessageText
import Testing

@testable import TestScript

/// Files of rows (`--data`) and of variables (`--env-file`).
@Suite struct DataTableTests {
    private static let csvCases: [(String, [[String]])] = [
        ("a,b\n1,2\n", [["1", "2"]]), ("a,b\r\n1,2\r\n3,4", [["1", "2"], ["3", "4"]]),
        ("\u{FEFF}a,b\n1,\n", [["1", ""]]), ("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", [["x, y", "say \"hi\""]]),
        ("a,b\n\"two\nlines\",\"\"\r\n\n1,2", [["two\nlines", ""], ["1", "2"]]), ("a,b\n ä , b \n", [[" ä ", " b "]]),
        ("a,b\n\"x\r\ny\",\"\r\"\n", [["x\r\ny", "\r"]]),
    ]

    @Test("CSV is read as RFC 4180 defines it", arguments: csvCases)
    func csv(text: String, rows: [[String]]) throws {
        let table = try DataTable(csv: Array(text.utf8))
        #expect(table.rows.map { row in ["a", "b"].map { row.values[$0] ?? "" } } == rows)
        #expect(table.rows.map(\.number) == Array(1...rows.count))
    }

    private static let invalidCases: [(String, String)] = [
        ("", "it is empty"), ("a,b\n", "no row of data"), ("a,b\n1\n", "line 2: expected 2 values"),
        ("a,b\n1,2\n\n1,2,3\n", "line 4: expected 2 values, as in the first row, found 3"),
        ("a b\n1\n", "\"a b\" cannot name a variable"), ("a,a\n1,2\n", "several columns \"a\""),
        ("a\n\"x\n", "line 2: a quotation mark is never closed"),
        ("a\nx\"y\n", "line 2: a value with a quotation mark"),
        ("a\n\"x\"y\n", "expected a comma"), ("a\n\"x\n\ny", "line 2: a quotation mark"),
    ]

    @Test("A mistake in CSV is reported with its line", arguments: invalidCases)
    func invalid(text: String, words: String) {
        #expect {
            _ = try DataTable(csv: Array(text.utf8))
        } throws: { error in
            "\(error)".contains(words)
        }
    }

    @Test("Bytes that are not UTF-8 are a mistake")
    func encoding() {
        #expect(throws: InvalidValue.self) { try DataTable(csv: Array("a\n".utf8) + [0xFF]) }
    }

    @Test("Lines of JSON have strings as they are, and other values as JSON")
    func jsonLines() throws {
        let text = #"{"a":"x","b":7.50,"c":{"d":[1]},"e":null,"f":true}"# + "\n\n" + #"{"f":1,"e":2,"c":3,"b":4,"a":5}"#
        let rows = try DataTable(jsonLines: Array(text.utf8)).rows
        #expect(rows.first?.values == ["a": "x", "b": "7.5", "c": #"{"d":[1]}"#, "e": "", "f": "true"])
        #expect(rows.last?.values["a"] == "5")
    }

    @Test(
        "A row of JSON that is no object, or has other keys, is a mistake",
        arguments: ["[1]", "{\"b\":1}", "{", "7"]
    )
    func jsonLinesInvalid(line: String) {
        #expect {
            _ = try DataTable(jsonLines: Array("{\"a\":1}\n\(line)\n".utf8))
        } throws: { error in
            "\(error)".contains("line 2")
        }
    }

    @Test("The name of a row is short, and without secrets")
    func words() throws {
        let text = "user,token,long\nann,s3cret,\(String(repeating: "x", count: 100))\n"
        let words = try #require(try DataTable(csv: Array(text.utf8)).rows.first).words
        #expect(words.hasPrefix("row 1: user=ann token=… long=xxx"))
        #expect(words.count < 80)
    }

    private static let variablesCases: [(String, [String: String])] = [
        ("A=1\nB=x y \n", ["A": "1", "B": "x y"]), ("# comment\n\n  export A = b", [:]), ("export A=b=c", ["A": "b=c"]),
        ("A=\"x y\"\nB='z'\nC=\"\nD=\r\n", ["A": "x y", "B": "z", "C": "\"", "D": ""]), ("A=1\nA=2", ["A": "2"]),
    ]

    @Test("A file of variables is read as a shell's file of assignments", arguments: variablesCases)
    func variables(text: String, values: [String: String]) throws {
        guard !values.isEmpty else {
            #expect(throws: InvalidValue.self) { try VariablesFile.parse(Array(text.utf8)) }
            return
        }
        #expect(try VariablesFile.parse(Array(text.utf8)) == values)
    }

    @Test("A mistake in a file of variables never repeats a value")
    func variablesInvalid() {
        #expect {
            _ = try VariablesFile.parse(Array("A=1\ns3cret\n".utf8))
        } throws: { error in
            "\(error)".hasPrefix("line 2") && !"\(error)".contains("s3cret")
        }
    }
}
