import MessageText
import NIOCore
import WebSocketProtocol

/// A pattern of a script with its variables replaced, which messages are compared with.
enum MessageMatcher: Sendable {
    case message(ScriptMessage)
    case json(JSONPattern, source: String)
    case regex(RegularExpression)
    case bytes(BytePattern, source: String)
    case binaryRegex(RegularExpression)

    /// The maximum length of a text to match against a regular expression, in bytes.
    private static let regexLimit = 16 << 20

    /// The result of a comparison.
    enum Match {
        /// The message matches; with the captured values.
        case matched([String: String])
        /// The message differs; with a summary and the lines of a diff.
        case differs(String, [String])
        /// The comparison took too long.
        case abandoned
    }

    /// Creates a matcher from a pattern.
    ///
    /// - Parameters:
    ///   - pattern: the pattern in the script.
    ///   - variables: the values of variables. Regular expressions match them literally.
    ///   - folder: the folder that file names are relative to.
    /// - Throws: `InvalidValue` for a pattern that is invalid with these values.
    init(_ pattern: MessagePattern, _ variables: Variables, folder: String) throws(InvalidValue) {
        switch pattern {
        case .exact(let content): self = .message(try ScriptMessage(content, variables, folder: folder))
        case .json(let template):
            let source = try variables.expand(template)
            do throws(JSONParser.Failure) {
                self = .json(try JSONPattern(source), source: source)
            } catch {
                throw InvalidValue(
                    "with its variables expanded, the pattern is \(error): \(Excerpt.of(source))"
                )
            }
        case .regex(let template):
            let source = try variables.expand(template, escape: RegularExpression.literal)
            self = .regex(try RegularExpression(source))
        case .binaryRegex(let template):
            self = .binaryRegex(
                try RegularExpression(try variables.expand(template, escape: RegularExpression.literal))
            )
        case .bytes(let template):
            let source = try variables.expand(template)
            self = .bytes(try BytePattern(source), source: source)
        }
    }

    /// Compares a message with the pattern.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - limit: the time limit for a regular expression.
    /// - Returns: the result.
    func match(_ message: ScriptMessage, within limit: Duration) async -> Match {
        let received = "+ " + Excerpt.of(message)
        switch self {
        case .message(let expected):
            if message == expected { return .matched([:]) }
            switch (expected.isText, message.isText) {
            case (true, true):
                return .differs(
                    "the message differs",
                    TextDiff.lines(expected: expected.text, received: message.text)
                )
            case (false, false):
                return .differs(
                    "the message differs",
                    TextDiff.lines(expected: expected.bytes, received: message.bytes)
                )
            case (true, false):
                return .differs(
                    "expected a text message, received a binary one",
                    ["- " + Excerpt.of(expected), received]
                )
            case (false, true):
                return .differs(
                    "expected a binary message, received text",
                    ["- " + Excerpt.of(expected), received]
                )
            }
        case .json(let pattern, let source):
            guard message.isText else {
                return .differs(
                    "expected JSON, received a binary message",
                    ["- " + Excerpt.of(source), received]
                )
            }
            do throws(JSONParser.Failure) {
                switch pattern.match(try JSONParser.parse(message.text.utf8)) {
                case .matched(let captures): return .matched(captures.mapValues(\.variableText))
                case .differs(let differences):
                    return .differs("the message does not contain this JSON", JSONDiff.lines(differences) + [received])
                }
            } catch {
                return .differs("the message is \(error)", ["- " + Excerpt.of(source), received])
            }
        case .regex(let regex):
            let excerpts = ["- ~" + Excerpt.of(regex.source), received]
            guard message.isText else { return .differs("expected a text message, received a binary one", excerpts) }
            return await match(regex, message.text, excerpts, within: limit)
        case .binaryRegex(let regex):
            let excerpts = ["- ~b " + Excerpt.of(regex.source), received]
            guard !message.isText else { return .differs("expected a binary message, received text", excerpts) }
            return await match(regex, message.latin1, excerpts, within: limit)
        case .bytes(let pattern, let source):
            let excerpts = ["- " + Excerpt.of(source), received]
            guard !message.isText else { return .differs("expected a binary message, received text", excerpts) }
            switch await AbandonableWork.run(within: limit, { pattern.match(message.bytes) }) {
            case .some(let captures?): return .matched(captures)
            case .some(nil): return .differs("the message differs", excerpts)
            case nil: return .abandoned
            }
        }
    }

    private func match(
        _ regex: RegularExpression,
        _ text: String,
        _ excerpts: [String],
        within limit: Duration
    ) async -> Match {
        guard text.utf8.count <= Self.regexLimit else {
            let limit = Self.regexLimit >> 20
            return .differs("the message is too long for a regular expression; the limit is \(limit) MiB", excerpts)
        }
        // Even an expression without backtracking can take minutes for a long text.
        let result = await AbandonableWork.run(within: limit) {
            Result { () throws(InvalidValue) in try regex.firstMatch(in: text)?.captures }
        }
        switch result {
        case .success(let captures?): return .matched(captures)
        case .success(nil): return .differs("the message does not match the regular expression", excerpts)
        case .failure(let problem): return .differs("\(problem)", excerpts)
        case nil: return .abandoned
        }
    }

    /// The expected message or pattern, in one line.
    var words: String {
        switch self {
        case .message(let message): Excerpt.of(message)
        case .json(_, let source): Excerpt.of(source)
        case .regex(let regex): "~" + Excerpt.of(regex.source)
        case .binaryRegex(let regex): "~b " + Excerpt.of(regex.source)
        case .bytes(_, let source): Excerpt.of(source)
        }
    }
}
