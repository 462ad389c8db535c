import MessageText

/// Search for the most similar message, for the report of a step that skipped messages.
extension MessageMatcher {
    /// The maximum number of messages to compare.
    static let candidateLimit = 20
    /// The maximum length of a text to compare with a regular expression, in characters.
    private static let textLimit = 4096

    /// Returns report lines that show how the most similar message differs.
    ///
    /// - Parameter messages: the messages that do not match, newest last.
    /// - Returns: the lines of a report; empty if no message is comparable.
    func closest(of messages: [ScriptMessage]) async -> [String] {
        guard let closest = await mostSimilar(of: messages.reversed()),
            case .differs(_, let lines) = await match(closest.message, within: .seconds(1))
        else { return [] }
        return ["the closest message\(closest.reason):"] + lines.filter { $0 != "- \(words)" }
    }

    private func mostSimilar(of messages: [ScriptMessage]) async -> (message: ScriptMessage, reason: String)? {
        switch self {
        case .regex(let regex): return await mostSimilar(of: messages.filter(\.isText), regex, \.text)
        case .binaryRegex(let regex): return await mostSimilar(of: messages.filter { !$0.isText }, regex, \.latin1)
        case .message, .json, .bytes:
            let ranked = messages.compactMap { message in distance(to: message).map { ($0, message) } }
            return ranked.min { $0.0 < $1.0 }.map { ($0.1, "") }
        }
    }

    /// Returns the message that the longest beginning of an expression matches.
    private func mostSimilar(
        of messages: [ScriptMessage],
        _ regex: RegularExpression,
        _ text: (ScriptMessage) -> String
    ) async -> (message: ScriptMessage, reason: String)? {
        let texts = messages.map { String(text($0).prefix(Self.textLimit)) }
        let found = await AbandonableWork.run(within: .seconds(1)) { regex.longestBeginning(matching: texts) }
        guard let found = found ?? nil else { return nil }
        return (messages[found.index], ", which matches ~\(Excerpt.of(found.source))")
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
            let (left, right) = (expected.bytes, message.bytes)
            let start = zip(left, right).prefix { $0 == $1 }.count
            let end = zip(left.dropFirst(start).reversed(), right.dropFirst(start).reversed()).prefix { $0 == $1 }.count
            let length = max(left.count, right.count)
            // Messages with less in common are not comparable.
            return 4 * (start + end) < length ? nil : length - start - end
        case .regex, .bytes, .binaryRegex: return nil
        }
    }
}
