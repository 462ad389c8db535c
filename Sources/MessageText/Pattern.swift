/// A condition on a message: exact text, `~REGEX`, or `{JSON}` that it contains.
package struct Pattern: Sendable {
    /// The kind of comparison.
    package enum Kind: Sendable {
        /// The same text, byte for byte.
        case exact(String)
        /// A regular expression that matches anywhere in the text.
        case regex(RegularExpression)
        /// JSON that the message contains.
        case json(JSONPattern)
    }

    /// The pattern as the user wrote it.
    package let source: String
    package let kind: Kind

    /// Parses a pattern.
    ///
    /// - Throws: `InvalidValue` for an invalid regular expression or invalid JSON.
    package init(_ source: String) throws(InvalidValue) {
        self.source = source
        if source.hasPrefix("~") {
            kind = .regex(try RegularExpression(String(source.dropFirst())))
        } else if source.hasPrefix("{") {
            do throws(JSONSyntaxError) {
                kind = .json(try JSONPattern(source))
            } catch {
                throw InvalidValue("invalid JSON: \(error)")
            }
        } else {
            kind = .exact(source)
        }
    }

    /// Whether the time to match a message is proportional to its length; see `RegularExpression.isLinear`.
    package var isLinear: Bool {
        if case .regex(let expression) = kind { expression.isLinear } else { true }
    }

    /// Whether a message meets the condition.
    ///
    /// - Throws: `InvalidValue` if the message is too long for a regular expression that backtracks.
    package func matches(_ message: String) throws(InvalidValue) -> Bool {
        switch kind {
        case .exact(let text): text.utf8.elementsEqual(message.utf8)
        case .regex(let expression): try expression.matches(message)
        case .json(let pattern):
            if let value = try? JSONParser.parse(message.utf8), case .matched = pattern.match(value) {
                true
            } else {
                false
            }
        }
    }
}
