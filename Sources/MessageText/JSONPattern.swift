/// A JSON value with placeholders: `{"id":*id:integer,"tags":[*:string, ...],"at":*}`.
///
/// `*` matches any value, and `*:TYPE` any value of a `JSONType`. `*NAME` and `*NAME:TYPE` also capture the value.
/// `...` at the end of an array matches any number of elements. An object may have additional members, in any order.
package struct JSONPattern: Sendable {
    /// The result of matching a value.
    package enum Match: Equatable, Sendable {
        /// The value matches; contains the captured values by name.
        case matched([String: JSONValue])
        /// The value does not match; contains at least one difference.
        case differs([JSONDifference])
    }

    /// A part of a pattern.
    enum Part: Sendable {
        /// A string, number, Boolean or null.
        case value(JSONValue)
        case placeholder(name: String?, JSONType?)
        /// An array, which may have additional elements if `isOpen` is true.
        case array([Part], isOpen: Bool)
        case object([String: Part])
    }

    private let root: Part
    /// The names of the capturing placeholders, in pattern order.
    package let captureNames: [String]

    /// Parses a pattern.
    ///
    /// - Parameter source: the pattern; names consist of ASCII letters, digits and `_` and must be unique.
    /// - Throws: `JSONSyntaxError`.
    package init(_ source: String) throws(JSONSyntaxError) {
        (root, captureNames) = try JSONPatternParser.parse(source)
    }

    /// Compares a value with the pattern.
    package func match(_ value: JSONValue) -> Match {
        var captures: [String: JSONValue] = [:]
        var differences: [JSONDifference] = []
        Self.compare(root, value, at: .root, &captures, &differences)
        return differences.isEmpty ? .matched(captures) : .differs(differences)
    }

    private static func compare(
        _ part: Part,
        _ value: JSONValue,
        at location: JSONLocation,
        _ captures: inout [String: JSONValue],
        _ differences: inout [JSONDifference]
    ) {
        func differ(_ expected: String) {
            differences.append(JSONDifference(path: location.description, expected: expected, received: value))
        }
        switch (part, value) {
        case (.placeholder(let name, let type), _):
            if let type, !type.includes(value) { return differ(part.phrase) }
            if let name { captures[name] = value }
        case (.value(let expected), _): if expected != value { differ(part.phrase) }
        case (.array(let parts, let isOpen), .array(let elements)):
            guard isOpen ? elements.count >= parts.count : elements.count == parts.count else {
                return differ("\(isOpen ? "at least " : "")\(parts.count) element\(parts.count == 1 ? "" : "s")")
            }
            for (index, (part, element)) in zip(parts, elements).enumerated() {
                compare(part, element, at: .element(location, index), &captures, &differences)
            }
        case (.object(let parts), .object(let members)):
            for (name, part) in parts.sorted(by: { $0.key < $1.key }) {
                let place = JSONLocation.member(location, name)
                if let member = JSONValue.member(name, of: members) {
                    compare(part, member, at: place, &captures, &differences)
                } else {
                    differences.append(JSONDifference(path: "\(place)", expected: part.phrase, received: nil))
                }
            }
        case (.array, _), (.object, _): differ(part.phrase)
        }
    }
}

extension JSONPattern.Part {
    /// A description of the part for a difference.
    fileprivate var phrase: String {
        switch self {
        case .value(let value): Excerpt.of(value.description)
        case .placeholder(_, let type): type?.phrase ?? "a value"
        case .array: JSONType.array.phrase
        case .object: JSONType.object.phrase
        }
    }
}
