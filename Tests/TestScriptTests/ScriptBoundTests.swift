import MessageText
import NIOCore
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
        #expect(found.first?.message.contains("4 MiB") == true)
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
        let limit = "100000 statements"
        #expect(
            problems("connect ws://h\n" + String(repeating: ">\n", count: 100_000)).first?.message.contains(limit)
                == true
        )
        let common = String(repeating: "timeout 1s\n", count: 1000) + String(repeating: "connect ws://h\n", count: 1000)
        #expect(problems(common).first?.message.contains(limit) == true)
        #expect(problems("connect ws://h\n" + String(repeating: ">\n", count: 99_999)) == [])
    }

    @Test("Mistakes are looked for up to a number")
    func mistakes() {
        #expect(problems(String(repeating: "wat\n", count: 100_000)).count == 1000)
    }

    @Test("JSON that is too deep is a problem")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(problems("connect ws://h\n<json \(deep)").first?.message.contains("nesting") == true)
    }

    @Test("A text that its variables make too long is a problem")
    func expansion() throws {
        let value = String(repeating: "a", count: 1 << 20)
        let text = "connect ws://h\n> " + String(repeating: "${A}", count: 65)
        #expect(problems(text, ["A": value]).first?.message.contains("64 MiB") == true)
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

    private func match(_ regex: String, _ text: String, within limit: Duration) async throws -> MessageMatcher.Match {
        let matcher = try MessageMatcher(.regex(Template(literal: regex)), Variables(given: [:]), folder: "")
        return await matcher.match(ScriptMessage(isText: true, payload: ByteBuffer(string: text)), within: limit)
    }

    @Test(
        "A regular expression that backtracks without end is abandoned, and a task that is canceled does not wait for it"
    )
    func regex() async throws {
        let regex = "(?=a)^(a+)+$"
        // It takes a second or so, and not for ever: an abandoned match goes on, and would slow down all other tests.
        let text = String(repeating: "a", count: 15) + "!"
        guard case .abandoned = try await match(regex, text, within: .milliseconds(20)) else {
            Issue.record("it was not abandoned")
            return
        }
        let task = Task { try await match(regex, text, within: .seconds(3600)) }
        task.cancel()
        guard case .abandoned = try await task.value else {
            Issue.record("it was not abandoned")
            return
        }
    }

    @Test("A report of a message is short, even if the message is one character with many combining marks")
    func combiningMarks() async throws {
        let text = "a" + String(repeating: "\u{301}", count: 100_000)
        for pattern in [MessagePattern.exact(.text(Template(literal: "b"))), .json(Template(literal: "{}"))] {
            let matcher = try MessageMatcher(pattern, Variables(given: [:]), folder: "")
            let message = ScriptMessage(isText: true, payload: ByteBuffer(string: text))
            guard case .differs(_, let lines) = await matcher.match(message, within: .seconds(60)) else {
                Issue.record("it matched")
                continue
            }
            #expect(lines.joined().utf8.count < 2000)
        }
    }

    @Test("Values of a secret variable are hidden from three characters on")
    func shortSecrets() {
        let values = ["API_KEY": "a", "JWT": "es", "TICKET": "abc", "SESSION_ID": "s3cret", "NAME": "differs"]
        let secrets = Secrets(among: Set(values.keys)) { values[$0] }
        #expect(secrets.hide("the message differs: abc s3cret") == "the message differs: ${TICKET} ${SESSION_ID}")
    }

    @Test("A regular expression is compared with a text up to a size, which is smaller if it backtracks")
    func regexSizes() async throws {
        guard case .matched(["n": "b"]) = try await match("(?<n>b)", "abc", within: .seconds(60)) else {
            Issue.record("it did not match")
            return
        }
        for (regex, size) in [("(?=a)b", 1 << 17), ("b", 17 << 20)] {
            let result = try await match(regex, String(repeating: "a", count: size), within: .seconds(60))
            guard case .differs(let reason, _) = result else {
                Issue.record("\(result)")
                continue
            }
            #expect(reason != "the message does not match")
        }
    }
}
