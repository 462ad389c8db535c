/// A condition on the values that a JSONPath selects: `count 3`, `> 10.5`, `not contains "x"`.
///
/// A condition on values must be true of each value, and is not met if there is none. `not` inverts the condition on each value; it is
/// also true of a value to which the condition does not apply.
package struct JSONPredicate: Sendable {
    /// A condition.
    enum Condition: Sendable {
        case exists
        /// On the number of elements or members if the path is singular, otherwise on the number of values.
        case count(JSONComparison, Int)
        case comparison(JSONComparison, JSONValue)
        /// On a string that contains text, or an array that contains an element.
        case contains(JSONValue)
        case startsWith(String)
        case endsWith(String)
        case matches(RegularExpression)
        case isType(JSONType)
    }

    let condition: Condition
    /// Whether it begins with `not`.
    let isNegated: Bool

    /// Whether the time of an evaluation is proportional to the message; see `RegularExpression.isLinear`.
    package var isLinear: Bool {
        if case .matches(let expression) = condition { expression.isLinear } else { true }
    }

    /// Tests the values that a path selects.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - document: the message.
    /// - Returns: the values that do not meet the condition; none if it is met.
    /// - Throws: `InvalidValue` if the path selects too many values, or a regular expression that backtracks is to match a long
    ///   text.
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

    /// Whether the condition, without `not`, is true of a value.
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

    /// The condition in words, for a difference.
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
