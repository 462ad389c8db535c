/// An RFC 9485 regular expression (I-Regexp), as used in JSONPath; matching takes time linear in the text length.
///
/// It matches Unicode scalars. `^` and `$` are anchors, as in most engines; RFC 9485 leaves them undefined.
struct InteroperableRegex: Sendable {
    /// The first syntax error in an expression.
    struct Invalid: Error, CustomStringConvertible {
        /// The column of the error, starting at 1.
        let column: Int
        let expected: String

        var description: String { "at its character \(column): expected \(expected)" }
    }

    private let linear: LinearRegex

    /// Compiles an expression.
    ///
    /// - Parameters:
    ///   - source: the expression.
    ///   - isWhole: whether the whole text must match instead of a part of it.
    /// - Throws: `Invalid`.
    init(_ source: String, isWhole: Bool) throws(Invalid) {
        var parser = InteroperableRegexParser(source)
        let syntax = try parser.parse()
        do throws(RegexProgram.TooLarge) {
            linear = try LinearRegex(
                isWhole ? .sequence([.assertion(.startOfText), syntax, .assertion(.endOfText)]) : syntax,
                scalars: parser.classes
            )
        } catch {
            throw Invalid(column: 1, expected: "repetitions that expand to at most \(RegexProgram.sizeLimit) steps")
        }
    }

    func matches(_ text: String) -> Bool { linear.matches(text) }

    /// Returns the cost of matching a text, in steps of `JSONPath.stepLimit`.
    func steps(for text: String) -> Int {
        let size = linear.program.instructions.count * (linear.program.loopDepth + 1)
        return size + (text.utf8.count + 1) * size / 16
    }

    /// Returns the cost of compiling an expression, in steps of `JSONPath.stepLimit`.
    static func stepsToCompile(_ source: String) -> Int { 100 + source.utf8.count }
}
