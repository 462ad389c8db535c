/// A condition on the values that a JSONPath selects: `count 3`, `> 10.5`, `not contains "x"`.
///
/// Each selected value must meet the condition, and there must be at least one, except for `exists` and `count`.
/// `not` negates the condition on each value, and is true if the condition does not apply to the type of the value.
package struct JSONPredicate: Sendable {
    /// A condition.
    enum Condition: Sendable {
        case exists
        /// The number of elements or members if the path is singular, otherwise the number of selected values.
        case count(JSONComparison, Int)
        case comparison(JSONComparison, JSONValue)
        /// A string that contains a string, or an array that contains an element.
        case contains(JSONValue)
        case startsWith(String)
        case endsWith(String)
        case matches(RegularExpression)
        case isType(JSONType)
    }

    let condition: Condition
    /// Whether the condition is negated with `not`.
    let isNegated: Bool

    /// Whether evaluation takes time linear in the message size; see `RegularExpression.isLinear`.
    package var isLinear: Bool {
        if case .matches(let expression) = condition { expression.isLinear } else { true }
    }

    /// Tests the values that a path selects.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - document: the message.
    /// - Returns: the values that do not meet the condition; empty if it is met.
    /// - Throws: `InvalidValue` if the path selects too many values, or if the text is too long for a regular
    ///   expression that backtracks.
    package func differences(
        at path: JSONPath,
        in document: JSONValue
    ) throws(InvalidValue) -> [JSONDifference] {
        let nodes = try path.select(in: document)
        switch condition {
        case .exists:
            guard nodes.isEmpty == isNegated else {
                return [JSONDifference(path: path.source, expected: phrase, received: nodes.first?.value)]
            }
            return []
        case .count(let comparison, let wanted) where !path.isSingular:
            guard Self.holds(nodes.count, comparison, wanted) == isNegated else { return [] }
            let count = JSONValue.number(JSONNumber("\(nodes.count)"))
            return [JSONDifference(path: path.source, expected: phrase, received: count)]
        case .count, .comparison, .contains, .startsWith, .endsWith, .matches, .isType:
            guard !nodes.isEmpty else {
                return [JSONDifference(path: path.source, expected: phrase, received: nil)]
            }
            var differences: [JSONDifference] = []
            for node in nodes where try holds(for: node.value) == isNegated {
                differences.append(JSONDifference(path: "\(node.location)", expected: phrase, received: node.value))
            }
            return differences
        }
    }

    /// Returns whether a value meets the condition, ignoring `not`.
    private func holds(for value: JSONValue) throws(InvalidValue) -> Bool {
        switch (condition, value) {
        case (.exists, _): true
        case (.count(let comparison, let count), .array(let elements)): Self.holds(elements.count, comparison, count)
        case (.count(let comparison, let count), .object(let members)): Self.holds(members.count, comparison, count)
        case (.comparison(let comparison, let operand), _): comparison.holds(value, operand)
        case (.contains(.string(let part)), .string(let text)):
            part.isEmpty || text.utf8.contains(part.utf8)
        case (.contains(let element), .array(let elements)): elements.contains(element)
        case (.startsWith(let start), .string(let text)): text.utf8.starts(with: start.utf8)
        case (.endsWith(let end), .string(let text)): text.utf8.reversed().starts(with: end.utf8.reversed())
        case (.matches(let expression), .string(let text)): try expression.matches(text)
        case (.isType(let type), _): type.includes(value)
        case (.count, _), (.contains, _), (.startsWith, _), (.endsWith, _), (.matches, _): false
        }
    }

    private static func holds(_ count: Int, _ comparison: JSONComparison, _ wanted: Int) -> Bool {
        comparison.holds(.number(JSONNumber("\(count)")), .number(JSONNumber("\(wanted)")))
    }

    /// A description of the condition for a difference.
    private var phrase: String {
        let not = isNegated ? "not " : ""
        return switch condition {
        case .exists: isNegated ? "no value" : "a value"
        case .count(let comparison, let count): "a count \(not)\(comparison.rawValue) \(count)"
        case .comparison(.equal, let operand) where !isNegated: Excerpt.of(operand.description)
        case .comparison(let comparison, let operand):
            "a value \(not)\(comparison.rawValue) \(Excerpt.of(operand.description))"
        case .contains(let operand): "a value \(not)containing \(Excerpt.of(operand.description))"
        case .startsWith(let start): "a value \(not)starting with \(Excerpt.of(JSONValue.string(start).description))"
        case .endsWith(let end): "a value \(not)ending with \(Excerpt.of(JSONValue.string(end).description))"
        case .matches(let expression): "a value \(not)matching ~\(Excerpt.of(expression.source))"
        case .isType(let type): "a value \(not)of type \(type.rawValue)"
        }
    }
}
