import MessageText

/// A regular expression of a script, and the names of its groups.
struct ScriptRegex: Sendable {
    /// What came of a match.
    enum Outcome: Sendable {
        /// What the named groups have matched.
        case matched([String: String])
        case different
        /// There was no result in time.
        case abandoned
    }

    /// The most bytes of a text.
    static let sizeLimit = 16 << 20

    // Swift does not say that matching may move to another thread. It may: only one match runs at a time, and none follows
    // one that was abandoned.
    private nonisolated(unsafe) let regex: Regex<AnyRegexOutput>
    /// The groups whose matches become variables.
    let groupNames: [String]

    /// Compiles.
    ///
    /// - Throws: `InvalidValue` that says what is wrong with it.
    init(_ text: String) throws(InvalidValue) {
        do {
            regex = try Regex(text)
        } catch {
            throw InvalidValue("not a regular expression: \(error)")
        }
        let regex = regex
        groupNames = text.matches(of: /\(\?P?<([A-Za-z_]\w*)>/).map { String($0.output.1) }
            .filter { regex.contains(captureNamed: $0) }
    }

    /// Looks for a match anywhere in a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - limit: how long that may take; expressions that backtrack can take for ever.
    /// - Returns: what came of it.
    func match(_ text: String, within limit: Duration) async -> Outcome {
        let work: @Sendable () -> Outcome = { captures(in: text).map(Outcome.matched) ?? .different }
        return await AbandonableWork.run(within: limit, work) ?? .abandoned
    }

    private func captures(in text: String) -> [String: String]? {
        guard let match = try? regex.firstMatch(in: text) else { return nil }
        var captures: [String: String] = [:]
        for name in groupNames {
            // A group that took no part in the match stands for nothing.
            captures[name] = match.output.first { $0.name == name }?.substring.map(String.init) ?? ""
        }
        return captures
    }

    /// An expression that matches a text and nothing else.
    static func literal(_ text: String) -> String {
        text.map { $0.isLetter || $0.isNumber || !$0.isASCII ? "\($0)" : "\\\($0)" }.joined()
    }
}
