import MessageText
import WebSocketTransport

/// A rule that handles incoming messages independently of the statement being run.
struct MessageRule: Sendable {
    enum Action: Sendable {
        /// Sends a message and hides the received one from other statements.
        case answer(Content, Variables)
        /// Hides the message from other statements.
        case ignore
        /// Fails the test.
        case fail
    }

    /// The result of applying rules to a message.
    enum Verdict: Sendable {
        case keep
        case hide
        case answer(ScriptMessage)
        case fault(TestFailure)
    }

    /// The maximum number of rules per connection, because every rule is applied to every message.
    static let limit = 100

    let pattern: MessagePattern
    let matcher: MessageMatcher
    let action: Action
    let statement: Statement
    /// The folder for relative file names in an answer.
    let folder: String
    /// The time limit for a regular expression.
    let timeout: Duration

    /// Whether the rule fails the test; `off` does not remove such a rule.
    var isProhibition: Bool { if case .fail = action { true } else { false } }

    /// Applies rules in order; prohibitions are last, so a message that another rule hides cannot fail the test.
    static func verdict(of rules: [MessageRule], on message: ScriptMessage) async -> Verdict {
        for rule in rules.filter({ !$0.isProhibition }) + rules.filter(\.isProhibition) {
            switch await rule.matcher.match(message, within: rule.timeout) {
            case .matched(let captures): return rule.verdict(captures, message)
            case .differs: continue
            case .abandoned:
                let words = "the regular expression took longer than \(Seconds.words(rule.timeout))"
                return .fault(rule.failure(words, ["- \(rule.matcher.words)", "+ \(Excerpt.of(message))"]))
            }
        }
        return .keep
    }

    private func verdict(_ captures: [String: String], _ message: ScriptMessage) -> Verdict {
        switch action {
        case .ignore: return .hide
        case .fail: return .fault(prohibited(message))
        case .answer(let content, var variables):
            for (name, value) in captures where !variables.capture(name, value) {
                return .fault(failure("the captured value of \(name) is too long", []))
            }
            do throws(InvalidValue) {
                return .answer(try ScriptMessage(content, variables, folder: folder))
            } catch {
                return .fault(failure("the answer cannot be sent: \(error)", []))
            }
        }
    }

    private func prohibited(_ message: ScriptMessage) -> TestFailure {
        failure("received a message that must not arrive", ["- no \(matcher.words)", "+ \(Excerpt.of(message))"])
    }

    private func failure(_ message: String, _ details: [String]) -> TestFailure {
        TestFailure(statement: statement, message: message, details: details)
    }
}
