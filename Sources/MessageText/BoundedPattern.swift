#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A `Pattern` whose comparison with a message takes a bounded time, so that it can run on an event loop.
///
/// A regular expression must be linear, and searches only the start of a long message. JSON is compared without
/// building a tree.
package final class BoundedPattern: Sendable {
    private enum Test: Sendable {
        case text([UInt8])
        case regex(RegularExpression)
        case json(JSONMatcher, JSONPattern)
    }

    /// The pattern as the user wrote it.
    package let source: String
    private let test: Test

    /// Parses a pattern.
    ///
    /// - Throws: `InvalidValue` for an invalid pattern, or one whose time is not bounded.
    package init(_ source: String) throws(InvalidValue) {
        guard !source.isEmpty else { throw InvalidValue("the pattern is empty") }
        self.source = source
        switch try Pattern(source).kind {
        case .exact(let text): test = .text(Array(text.utf8))
        case .regex(let expression):
            guard expression.isLinear else {
                throw InvalidValue(
                    "the regular expression \"\(Excerpt.start(of: expression.source, 200))\" can take too long; remove "
                        + "lookahead, backreferences and possessive quantifiers"
                )
            }
            test = .regex(expression)
        case .json(let pattern):
            guard let matcher = JSONMatcher(pattern) else {
                throw InvalidValue("the JSON has an object with more than \(JSONMatcher.memberLimit) members")
            }
            test = .json(matcher, pattern)
        }
    }

    /// The matcher of a JSON pattern; nil for others.
    var matcher: JSONMatcher? { if case .json(let matcher, _) = test { matcher } else { nil } }

    /// The names of the captured values.
    package var captureNames: [String] {
        switch test {
        case .text: []
        case .regex(let expression): expression.groupNames
        case .json(_, let pattern): pattern.captureNames
        }
    }

    /// Whether a message contains the text, matches the regular expression or contains the JSON.
    package func isContained(in message: UnsafeRawBufferPointer) -> Bool {
        switch test {
        case .text(let text): message.contains(text)
        case .regex(let expression): expression.matchesStart(of: message)
        case .json(let matcher, _): matcher.matches(message)
        }
    }

    /// Returns the captured values if a message is the text, matches the regular expression or contains the JSON; nil
    /// if not.
    package func captures(from message: UnsafeRawBufferPointer) -> [String: String]? {
        switch test {
        case .text(let text): return message.elementsEqual(text) ? [:] : nil
        case .regex(let expression): return expression.captures(fromStartOf: message)
        case .json(let matcher, let pattern):
            guard matcher.matches(message) else { return nil }
            guard !pattern.captureNames.isEmpty else { return [:] }
            guard let value = try? JSONParser.parse(message), case .matched(let values) = pattern.match(value) else {
                return nil
            }
            return values.mapValues(\.plainText)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes occur anywhere.
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard let first = part.first, var rest = baseAddress else { return part.isEmpty }
        let end = rest + count
        while end - rest >= part.count, let start = memchr(rest, Int32(first), end - rest - part.count + 1) {
            if memcmp(start, part, part.count) == 0 { return true }
            rest = UnsafeRawPointer(start) + 1
        }
        return false
    }
}
