import _StringProcessing

/// A regular expression with the syntax of Swift's `Regex`, which matches anywhere in a text.
///
/// As in most languages, `\b` is a boundary between word characters (`\w`) and others.
package struct RegularExpression: Sendable {
    /// A match.
    package struct Match {
        package let range: Range<String.Index>
        /// The text of each named group; empty for a group that is not part of the match.
        package let captures: [String: String]
    }

    /// The maximum length of a text to match by backtracking, in bytes.
    package static let backtrackingLimit = 64 << 10
    /// The maximum length of an expression, in bytes.
    package static let lengthLimit = 64 << 10

    /// The maximum nesting depth of bracketed sets; `Regex` limits that of groups, but not of sets.
    private static let nestingLimit = 50

    private let linear: LinearRegex?
    // `Regex` is not Sendable because it may contain closures. One that was created from text has none and never
    // changes.
    nonisolated(unsafe) private let backtracking: Regex<AnyRegexOutput>

    package let source: String
    /// The names of the groups, in the order in which they start.
    package let groupNames: [String]

    /// Whether matching takes time proportional to the length of the text.
    ///
    /// Expressions with lookahead, backreferences, possessive quantifiers or rare escapes backtrack and may take
    /// exponential time. Match them only where the caller can abandon the match.
    package var isLinear: Bool { linear != nil }

    /// Compiles an expression.
    ///
    /// - Throws: `InvalidValue` for an invalid expression.
    package init(_ source: String) throws(InvalidValue) {
        func invalid(_ reason: String) -> InvalidValue {
            InvalidValue("invalid regular expression \"\(Excerpt.start(of: source, 200))\": \(reason)")
        }
        guard source.utf8.count <= Self.lengthLimit else {
            throw invalid("\(source.utf8.count) bytes are too long; the limit is \(Self.lengthLimit)")
        }
        guard Self.nesting(source) <= Self.nestingLimit else {
            throw invalid("its sets are nested too deeply; the limit is \(Self.nestingLimit)")
        }
        let regex: Regex<AnyRegexOutput>
        do { regex = try Regex(source).wordBoundaryKind(.simple) } catch { throw invalid("\(error)") }
        do throws(RegexProgram.TooLarge) {
            linear = try LinearRegex(source)
        } catch {
            throw invalid("its repetitions expand to more than \(RegexProgram.sizeLimit) steps")
        }
        self.source = source
        backtracking = regex
        groupNames =
            linear?.groupNames
            ?? source.matches(of: /\(\?P?<([A-Za-z_]\w*)>/).map { String($0.output.1) }
            .filter { regex.contains(captureNamed: $0) }
    }

    /// Returns the first match in a text; nil if there is none.
    ///
    /// - Throws: `InvalidValue` if the expression is not linear and the text is longer than `backtrackingLimit`.
    package func firstMatch(in text: String) throws(InvalidValue) -> Match? {
        guard let linear else { return try backtrack(text) }
        guard let slots = linear.firstMatch(in: text) else { return nil }
        func range(_ group: Int) -> Range<String.Index>? {
            let (start, end) = (slots[2 * group], slots[2 * group + 1])
            guard start >= 0, end >= start else { return nil }
            let utf8 = text.utf8
            return utf8.index(utf8.startIndex, offsetBy: start)..<utf8.index(utf8.startIndex, offsetBy: end)
        }
        let captures = groupNames.enumerated().map { index, name in
            (name, range(index + 1).map { String(text[$0]) } ?? "")
        }
        return range(0).map { Match(range: $0, captures: Dictionary(captures) { first, _ in first }) }
    }

    /// Whether the expression matches anywhere in a text.
    ///
    /// - Throws: `InvalidValue` if the expression is not linear and the text is longer than `backtrackingLimit`.
    package func matches(_ text: String) throws(InvalidValue) -> Bool {
        guard let linear else { return try backtrack(text) != nil }
        return linear.matches(text)
    }

    /// The number of bytes of a text times the number of steps of a program for a search that must not take long.
    private static let startLimit = 4 << 20

    /// Whether a linear expression matches anywhere in the start of a text: the first 256 KiB, or fewer for a long
    /// expression.
    func matchesStart(of text: UnsafeRawBufferPointer) -> Bool {
        linear?.matches(start(of: text)) ?? false
    }

    /// Returns the values of the named groups if a linear expression matches anywhere in the start of a text.
    func captures(fromStartOf text: UnsafeRawBufferPointer) -> [String: String]? {
        guard isLinear else { return nil }
        return try? firstMatch(in: start(of: text))?.captures
    }

    private func start(of text: UnsafeRawBufferPointer) -> String {
        let size = linear.map { $0.program.instructions.count * ($0.program.loopDepth + 1) } ?? Self.startLimit
        return String(decoding: text.prefix(Self.startLimit / max(size, 16)), as: UTF8.self)
    }

    /// Returns the nesting depth of sets.
    private static func nesting(_ source: String) -> Int {
        var (depth, deepest, isEscaped) = (0, 0, false)
        for byte in source.utf8 {
            switch byte {
            case UInt8(ascii: "[") where !isEscaped: depth += 1
            case UInt8(ascii: "]") where !isEscaped: depth = max(0, depth - 1)
            default: break
            }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            deepest = max(deepest, depth)
        }
        return deepest
    }

    private func backtrack(_ text: String) throws(InvalidValue) -> Match? {
        guard text.utf8.count <= Self.backtrackingLimit else {
            throw InvalidValue(
                "the message is too long for this regular expression: \(text.utf8.count) bytes; with lookahead, "
                    + "backreferences or possessive quantifiers, the limit is \(Self.backtrackingLimit)"
            )
        }
        guard let match = try? backtracking.firstMatch(in: text) else { return nil }
        let captures = groupNames.map { name in
            (name, match.output.first { $0.name == name }?.substring.map(String.init) ?? "")
        }
        return Match(range: match.range, captures: Dictionary(captures) { first, _ in first })
    }

    /// Returns an expression of visible characters that matches a text literally.
    package static func literal(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case "\0"..<" ", "\u{7F}": "\\x\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))"
            case "0"..."9", "A"..."Z", "a"..."z", "\u{80}"...: "\(scalar)"
            default: "\\\(scalar)"
            }
        }.joined()
    }
}
