/// The conditions that a message must meet to be displayed.
package struct MessageFilter: Sendable {
    /// A pattern that displayed messages match, or do not match.
    package struct Condition: Equatable, Sendable, CustomStringConvertible {
        private let pattern: BoundedPattern
        /// Whether messages that match are hidden.
        private let hides: Bool

        /// Creates a condition.
        ///
        /// - Parameters:
        ///   - source: the pattern: a text that the message contains, `~REGEX` or `{JSON}`.
        ///   - hides: whether to hide messages that match, instead of those that do not.
        /// - Throws: `InvalidValue` for an invalid pattern.
        package init(_ source: String, hides: Bool = false) throws(InvalidValue) {
            pattern = try BoundedPattern(source)
            self.hides = hides
        }

        /// Parses the argument of `/filter`, where `!` before a pattern hides the messages that match.
        ///
        /// - Throws: `InvalidValue` for an invalid pattern.
        package init(typed text: String) throws(InvalidValue) {
            let hides = text.hasPrefix("!")
            try self.init(hides ? String(text.dropFirst()) : text, hides: hides)
        }

        /// The condition as it is typed.
        package var description: String { (hides ? "!" : "") + pattern.source }

        /// The matcher if messages that contain JSON are displayed, and no others.
        fileprivate var json: JSONMatcher? { hides ? nil : pattern.matcher }

        fileprivate func accepts(_ payload: UnsafeRawBufferPointer) -> Bool {
            pattern.isContained(in: payload) != hides
        }

        package static func == (left: Self, right: Self) -> Bool { left.description == right.description }
    }

    /// The maximum number of conditions.
    package static let limit = 100

    package private(set) var conditions: [Condition]

    /// Creates a filter.
    package init(_ conditions: [Condition] = []) { self.conditions = conditions }

    /// Whether all messages are displayed.
    package var isEmpty: Bool { conditions.isEmpty }

    /// The matcher if the only condition is JSON that messages contain.
    var onlyJSON: JSONMatcher? { conditions.count == 1 ? conditions.first?.json : nil }

    /// Adds a condition.
    ///
    /// - Throws: `InvalidValue` if there are too many.
    package mutating func add(_ condition: Condition) throws(InvalidValue) {
        guard conditions.count < Self.limit else { throw InvalidValue("too many filters; the limit is \(Self.limit)") }
        conditions.append(condition)
    }

    /// Whether a message meets all conditions.
    package func accepts(_ payload: UnsafeRawBufferPointer) -> Bool {
        conditions.allSatisfy { $0.accepts(payload) }
    }
}
