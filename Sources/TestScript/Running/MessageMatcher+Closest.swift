import MessageText

/// Search for the most similar message, for the report of a step that skipped messages.
extension MessageMatcher {
    /// The maximum number of messages to compare.
    static let candidateLimit = 20

    /// Returns report lines that show how the most similar message differs.
    ///
    /// - Parameter messages: the messages that do not match, newest last.
    /// - Returns: the lines of a report; empty if no message is comparable.
    func closest(of messages: [ScriptMessage]) async -> [String] {
        let ranked = messages.reversed().compactMap { message in distance(to: message).map { ($0, message) } }
        guard let closest = ranked.min(by: { $0.0 < $1.0 })?.1,
            case .differs(_, let lines) = await match(closest, within: .seconds(1))
        else { return [] }
        return ["the closest message:"] + lines.filter { $0 != "- \(words)" }
    }

    /// Returns the number of differences; nil if the message is not comparable.
    private func distance(to message: ScriptMessage) -> Int? {
        switch self {
        case .json(let pattern, _):
            guard message.isText, let value = try? JSONParser.parse(message.text.utf8), value.isStructured,
                case .differs(let differences) = pattern.match(value)
            else { return nil }
            return differences.count
        case .message(let expected):
            guard message.isText == expected.isText else { return nil }
            let common = zip(expected.bytes, message.bytes).prefix { $0 == $1 }.count
            // Messages without a common prefix are not comparable.
            return common == 0 ? nil : max(expected.bytes.count, message.bytes.count) - common
        case .regex, .bytes, .binaryRegex: return nil
        }
    }
}
