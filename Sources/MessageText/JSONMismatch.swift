/// A position at which a JSON value differs from a pattern.
package struct JSONMismatch: Equatable, Sendable {
    /// The JSON path: `$.user.id`, `$.items[3]`.
    package let path: String
    /// The value in the pattern; nil if it has none there.
    package let expected: JSONValue?
    /// The value received; nil if it has none there.
    package let received: JSONValue?
}

extension JSONValue {
    /// Compares this value with a pattern. An object may have more members than the pattern, in any order; an array must
    /// have as many elements, each of which contains the pattern's element.
    ///
    /// - Parameter pattern: the value to look for.
    /// - Returns: every difference; none if this value contains the pattern.
    package func mismatches(with pattern: JSONValue) -> [JSONMismatch] {
        mismatches(with: pattern, at: "$")
    }

    private func mismatches(with pattern: JSONValue, at path: String) -> [JSONMismatch] {
        switch (pattern, self) {
        case (.anything, _): return []
        case (.object(let expected), .object(let received)):
            return expected.sorted { $0.key < $1.key }.flatMap { name, value in
                let place = path + JSONLocation.step(name)
                return Self.member(name, of: received).map { $0.mismatches(with: value, at: place) }
                    ?? [JSONMismatch(path: place, expected: value, received: nil)]
            }
        case (.array(let expected), .array(let received)) where expected.count == received.count:
            return zip(expected, received).enumerated().flatMap { index, pair in
                pair.1.mismatches(with: pair.0, at: "\(path)[\(index)]")
            }
        default:
            return self == pattern ? [] : [JSONMismatch(path: path, expected: pattern, received: self)]
        }
    }

    /// Returns the members of objects that `value` has and this value lacks.
    package func surplus(in value: JSONValue) -> [JSONMismatch] {
        surplus(in: value, at: "$")
    }

    private func surplus(in value: JSONValue, at path: String) -> [JSONMismatch] {
        switch (self, value) {
        case (.object(let expected), .object(let received)):
            received.sorted { $0.key < $1.key }.flatMap { name, value in
                let place = path + JSONLocation.step(name)
                return Self.member(name, of: expected).map { $0.surplus(in: value, at: place) }
                    ?? [JSONMismatch(path: place, expected: nil, received: value)]
            }
        case (.array(let expected), .array(let received)) where expected.count == received.count:
            zip(expected, received).enumerated().flatMap { index, pair in
                pair.0.surplus(in: pair.1, at: "\(path)[\(index)]")
            }
        default: []
        }
    }
}
