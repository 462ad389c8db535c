import MessageText
import Synchronization
import TestScript

/// A message that is sent whenever a received message matches a pattern, like `on` in a script.
struct ReplyRule: Equatable, Sendable {
    private let pattern: BoundedPattern
    /// The message, in which `${NAME}` stands for a captured value.
    private let text: Template

    /// Parses a typed rule: a pattern, a space, and the message.
    ///
    /// - Throws: `InvalidValue` for an invalid pattern or message.
    init(typed rule: String) throws(InvalidValue) { try self.init(rule, separators: " ", usage: "PATTERN TEXT") }

    /// Parses a rule of the command line: a pattern, `=` or a space, and the message.
    ///
    /// - Throws: `InvalidValue` for an invalid pattern or message.
    init(argument rule: String) throws(InvalidValue) { try self.init(rule, separators: "= ", usage: "PATTERN=TEXT") }

    private init(_ rule: String, separators: String, usage: String) throws(InvalidValue) {
        // JSON ends by itself.
        let json = rule.hasPrefix("{") ? JSONPattern.end(inPrefixOf: rule) : nil
        guard let end = json ?? rule.firstIndex(where: separators.contains), end > rule.startIndex,
            end < rule.endIndex, separators.contains(rule[end])
        else {
            // An error in the pattern explains more.
            if rule.hasPrefix("{"), json == nil { _ = try BoundedPattern(rule) }
            throw InvalidValue("must be \(usage), such as \(usage.contains("=") ? "ping=pong" : "ping pong")")
        }
        pattern = try BoundedPattern(String(rule[..<end]))
        do throws(Template.Invalid) {
            text = try Template(rule[rule.index(after: end)...])
        } catch {
            throw InvalidValue("invalid variable in the message: write ${NAME}, or $${ for a literal ${")
        }
        let known = pattern.captureNames
        if let name = text.variables.first(where: { !known.contains($0) && Environment.variable($0) == nil }) {
            throw InvalidValue("unknown variable \"\(name)\" in the message; the pattern captures no such value")
        }
        guard !text.isEmpty else { throw InvalidValue("must be \(usage): the message is empty") }
    }

    /// The pattern as the user wrote it.
    var source: String { pattern.source }

    /// The rule as it is typed.
    var line: String { "\(source) \(text.source)" }

    /// Returns the answer to a message; nil if the rule does not apply or the answer would be too long.
    func answer(to message: UnsafeRawBufferPointer) -> String? {
        guard let values = pattern.captures(from: message) else { return nil }
        return try? text.expanded { values[$0] ?? Environment.variable($0) }
    }

    static func == (left: ReplyRule, right: ReplyRule) -> Bool { left.line == right.line }
}

/// The rules of a session or server. Thread-safe, because the clients of a server have their own event loops.
final class ReplyRules: Sendable {
    /// The maximum number of rules, as in a script.
    static let limit = 100

    private let rules: Mutex<[ReplyRule]>

    init(_ rules: [ReplyRule]) { self.rules = Mutex(rules) }

    var all: [ReplyRule] { rules.withLock { $0 } }

    /// Adds a rule, in place of an earlier one with the same pattern.
    ///
    /// - Throws: `InvalidValue` if there are too many.
    func add(_ rule: ReplyRule) throws(InvalidValue) {
        let isAdded = rules.withLock { rules in
            if let index = rules.firstIndex(where: { $0.source == rule.source }) {
                rules[index] = rule
                return true
            }
            guard rules.count < Self.limit else { return false }
            rules.append(rule)
            return true
        }
        if !isAdded { throw InvalidValue("too many rules; the limit is \(Self.limit)") }
    }

    /// Removes the rule with a pattern, or all rules if it is nil.
    ///
    /// - Returns: whether there were any.
    func remove(_ pattern: String?) -> Bool {
        rules.withLock { rules in
            let count = rules.count
            rules.removeAll { pattern == nil || $0.source == pattern }
            return rules.count < count
        }
    }
}
