/// A condition on a message: exact text, a regular expression (`~REGEX`), or JSON that it contains (`{JSON}`).
package struct Pattern: Sendable {
    /// The kind of comparison.
    package enum Kind: Sendable {
        /// The message equals this text, byte for byte.
        case exact(String)
        /// The regular expression matches anywhere in the message.
        case regex(RegularExpression)
        /// The message contains this JSON.
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
                throw InvalidValue("\(error)")
            }
        } else {
            kind = .exact(source)
        }
    }

    /// Whether matching takes time proportional to the length of the message; see `RegularExpression.isLinear`.
    package var isLinear: Bool {
        if case .regex(let expression) = kind { expression.isLinear } else { true }
    }

    /// Whether a message matches the pattern.
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
