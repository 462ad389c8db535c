import MessageText
import Testing

@testable import TestScript

/// Scripts and values of any size: a clear problem, and no memory or time beyond a bound.
@Suite struct ScriptBoundTests {
    private func problems(_ text: String, _ variables: [String: String] = [:]) -> [ScriptProblem] {
        let result = ScriptFiles.parse(Array(text.utf8), "a.ws", .client) { variables[$0] }
        if case .failure(let problems) = result { return problems.list }
        return []
    }

    @Test("A line that is too long is a problem, and the rest is read")
    func longLine() {
        let found = problems("connect ws://h\n> " + String(repeating: "a", count: 5 << 20) + "\nwat\n")
        #expect(found.map(\.line) == [2, 3])
        #expect(found.first?.message == "the line is longer than 4 MiB")
    }

    @Test("Of a long line, the part around the place is shown")
    func excerpt() throws {
        let long = String(repeating: "\0", count: 1 << 20)
        let found = try #require(problems("connect ws://h\n" + long).first)
        #expect(found.lines.allSatisfy { $0.count < 2000 }, "\(found.lines)")
        let middle = try #require(problems("connect ws://h\n> " + long + "${1}" + long).first)
        #expect(middle.column == long.count + 3)
        #expect(middle.lines[1].contains("${1}"), "\(middle.lines)")
        #expect(middle.lines.allSatisfy { $0.count < 2000 }, "\(middle.lines)")
    }

    @Test("Statements are counted, and those that tests have in common for each of them")
    func statements() {
        let words = "the script has more than 100000 statements"
        #expect(problems("connect ws://h\n" + String(repeating: ">\n", count: 100_000)).first?.message == words)
        let common = String(repeating: "timeout 1s\n", count: 1000) + String(repeating: "connect ws://h\n", count: 1000)
        #expect(problems(common).first?.message == words)
        #expect(problems("connect ws://h\n" + String(repeating: ">\n", count: 99_999)) == [])
    }

    @Test("Mistakes are looked for up to a number")
    func mistakes() {
        #expect(problems(String(repeating: "wat\n", count: 100_000)).count == 1000)
    }

    @Test("JSON that is too deep is a problem")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(problems("connect ws://h\n<json \(deep)").first?.message.contains("in one another") == true)
    }

    @Test("A text that its variables make too long is a problem")
    func expansion() throws {
        let value = String(repeating: "a", count: 1 << 20)
        let text = "connect ws://h\n> " + String(repeating: "${A}", count: 65)
        #expect(problems(text, ["A": value]).first?.message.contains("longer than 64 MiB") == true)
        #expect(problems(text, ["A": "a"]) == [])
    }

    @Test("Values that double from step to step stop at a bound")
    func doubling() throws {
        var variables = Variables(given: [:])
        var value = "a"
        let template = try Template("${A}${A}")
        var steps = 0
        while variables.capture("A", value), steps < 30 {
            steps += 1
            guard let next = try? template.expanded({ variables[$0] }) else { break }
            value = next
        }
        #expect(steps == 27)
        #expect(variables["A"]?.utf8.count == Variables.sizeLimit)
    }

    @Test(
        "A regular expression that backtracks without end is abandoned, and a task that is canceled does not wait for it"
    )
    func regex() async throws {
        let regex = try ScriptRegex("^(a+)+$")
        let text = String(repeating: "a", count: 40) + "!"
        guard case .abandoned = await regex.match(text, within: .milliseconds(50)) else {
            Issue.record("it was not abandoned")
            return
        }
        let task = Task { await (try ScriptRegex("^(a+)+$")).match(text, within: .seconds(3600)) }
        task.cancel()
        guard case .abandoned = try await task.value else {
            Issue.record("it was not abandoned")
            return
        }
        guard case .matched(let captures) = await (try ScriptRegex("(?<n>b)")).match("abc", within: .seconds(60)) else {
            Issue.record("it did not match")
            return
        }
        #expect(captures == ["n": "b"])
    }
}
