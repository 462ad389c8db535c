import MessageText

/// A loop over statements.
package struct Loop: Sendable {
    package enum Kind: Equatable, Sendable {
        /// Runs the statements this many times.
        case count(Template)
        /// Runs the statements once for each value of a variable.
        case values(String, [Template])
    }

    /// The maximum nesting depth of loops.
    static let depthLimit = 8

    package let kind: Kind
    package var body: [Statement]

    var templates: [Template] {
        switch kind {
        case .count(let count): [count]
        case .values(_, let values): values
        }
    }

    /// Parses the number of repetitions.
    ///
    /// - Throws: `InvalidValue` if it is not an integer from 0 to the maximum number of statements of a run.
    static func count(_ text: String) throws(InvalidValue) -> Int {
        guard let count = Int(text), 0...TestRun.statementLimit ~= count else {
            throw InvalidValue("expected a number of times up to \(TestRun.statementLimit), not \(Excerpt.of(text))")
        }
        return count
    }
}

extension Loop: Equatable {
    package static func == (left: Loop, right: Loop) -> Bool {
        left.kind == right.kind && left.body.map(\.step) == right.body.map(\.step)
            && left.body.map(\.connection) == right.body.map(\.connection)
    }
}
