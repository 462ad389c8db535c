/// A difference between two JSON values.
package struct JSONMismatch: Equatable, Sendable {
    /// The JSON path of the difference, such as `$.user.id` or `$.items[3]`.
    package let path: String
    /// The value in the pattern; nil if it is missing there.
    package let expected: JSONValue?
    /// The value received; nil if it is missing there.
    package let received: JSONValue?
}

extension JSONValue {
    /// Returns all differences between this value and a pattern; empty if this value contains the pattern.
    ///
    /// An object may have additional members in any order. An array must have the same number of elements, each
    /// containing the corresponding element of the pattern.
    package func mismatches(with pattern: JSONValue) -> [JSONMismatch] {
        mismatches(with: pattern, at: "$")
    }

    private func mismatches(with pattern: JSONValue, at path: String) -> [JSONMismatch] {
        switch (pattern, self) {
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

    /// Returns the object members in `value` that are missing from this value.
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
