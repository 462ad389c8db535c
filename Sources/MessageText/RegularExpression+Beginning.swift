extension RegularExpression {
    /// The maximum length of a beginning, in characters.
    private static let beginningLimit = 200

    /// Returns the longest beginning of the expression that matches a text, and the first of the texts that it matches.
    ///
    /// This measures which of several texts that the expression does not match is the closest.
    ///
    /// - Parameter texts: the texts.
    /// - Returns: the beginning and the index of the text; nil if no beginning worth mentioning matches.
    package func longestBeginning(matching texts: [String]) -> (source: String, index: Int)? {
        let start = source.prefix(Self.beginningLimit)
        // A shorter one says little about the text.
        for end in start.indices.dropFirst(start.count / 4).reversed() {
            // Where the rest is cut off within a group or an escape, what is before it is not an expression.
            guard let beginning = try? RegularExpression(String(source[..<end])), beginning.isLinear else { continue }
            let index = texts.firstIndex { text in
                guard let match = try? beginning.firstMatch(in: text) else { return false }
                return text[match.range].count > 1
            }
            if let index { return (beginning.source, index) }
        }
        return nil
    }
}
