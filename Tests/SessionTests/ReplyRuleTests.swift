import MessageText
import Testing
import WebSocketProtocol

@testable import wsline

@Suite struct ReplyRuleTests {
    @Test(
        "A rule answers the messages that match its pattern",
        arguments: [
            ("ping=pong", "ping", "pong"), ("ping=pong", "ping!", nil), ("ping pong", "ping", "pong"),
            (#"{"type":"ping"}={"type":"pong"}"#, #"{"id":1,"type":"ping"}"#, #"{"type":"pong"}"#),
            (#"{"a":"= "} x=y"#, #"{"a":"= "}"#, "x=y"), (#"{"id":*id}=${id}!"#, #"{"id":1.5}"#, "1.5!"),
            (#"{"id":*id}=${id}"#, #"{"id":"é"}"#, "é"), ("~^(?<word>[a-z]+)$=<${word}>", "abc", "<abc>"),
            ("~^[a-z]+$=x", "ABC", nil), ("a=$${x}", "a", "${x}"), ("a=b=c", "a", "b=c"),
        ] as [(String, String, String?)]
    )
    func answer(rule: String, message: String, answer: String?) throws {
        let rule = try ReplyRule(argument: rule)
        #expect(Array(message.utf8).withUnsafeBytes { rule.answer(to: $0) } == answer)
    }

    @Test(
        "An invalid rule is rejected with the reason",
        arguments: [
            ("ping", "must be PATTERN=TEXT, such as ping=pong"), ("=pong", "must be PATTERN=TEXT, such as ping=pong"),
            ("ping=", "must be PATTERN=TEXT: the message is empty"),
            (#"{"a":}=x"#, "invalid JSON at byte 6: expected a value"),
            (#"{"a":1}"#, "must be PATTERN=TEXT, such as ping=pong"),
            ("a=${nope_}", "unknown variable \"nope_\" in the message"),
            ("a=${", "invalid variable in the message: write ${NAME}, or $${ for a literal ${"),
        ]
    )
    func invalid(rule: String, reason: String) {
        let error = #expect(throws: InvalidValue.self) { try ReplyRule(argument: rule) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
    }

    @Test("A typed rule has a space after its pattern")
    func typed() throws {
        #expect(try ReplyRule(typed: "a=b c").line == "a=b c")
        #expect(throws: InvalidValue.self) { try ReplyRule(typed: "a=b") }
    }

    @Test("A rule replaces one with the same pattern, and their number is limited")
    func rules() throws {
        let rules = ReplyRules([])
        try rules.add(ReplyRule(argument: "a=1"))
        try rules.add(ReplyRule(argument: "b=1"))
        try rules.add(ReplyRule(argument: "a=2"))
        #expect(rules.all.map(\.line) == ["a 2", "b 1"])
        let isRemoved = rules.remove("a")
        #expect(isRemoved)
        #expect(!rules.remove("a"))
        for number in 1..<ReplyRules.limit { try rules.add(ReplyRule(argument: "x\(number)=1")) }
        #expect(throws: InvalidValue.self) { try rules.add(ReplyRule(argument: "c=1")) }
        #expect(rules.remove(nil))
        #expect(rules.all.isEmpty)
    }

    @Test("The answers to a batch are produced in portions, so that they need little memory")
    func portions() throws {
        let rule = try ReplyRule(argument: "~=" + String(repeating: "a", count: 10_000))
        var batch = MessageBatch()
        for _ in 0..<1000 { batch.append(.text, []) }
        batch.append(.ping, [])
        var answers = PendingAnswers(to: batch, [rule], .text)
        var count = 0
        while let portion = answers.nextPortion() {
            #expect(portion.footprint < 300_000)
            count += portion.messageCount
        }
        #expect(count == 1000)
    }
}
