/// A place where a value is not what a pattern says.
package struct JSONMismatch: Equatable, Sendable {
    /// Where: `$.user.id`, `$.items[3]`.
    package let path: String
    /// What the pattern has there; nil for nothing.
    package let expected: JSONValue?
    /// What the value has there; nil for nothing.
    package let received: JSONValue?
}

extension JSONValue {
    /// Looks for a pattern in this value: an object may have more keys than the pattern's, in any order; an array has as
    /// many elements as the pattern's, each of which contains the pattern's.
    ///
    /// - Parameter pattern: what to look for.
    /// - Returns: every place that differs; none when the pattern is contained.
    package func mismatches(with pattern: JSONValue) -> [JSONMismatch] {
        mismatches(with: pattern, at: "$")
    }

    private func mismatches(with pattern: JSONValue, at path: String) -> [JSONMismatch] {
        switch (pattern, self) {
        case (.anything, _): return []
        case (.object(let expected), .object(let received)):
            return expected.sorted { $0.key < $1.key }.flatMap { name, value in
                let place = path + Self.step(name)
                return received[name].map { $0.mismatches(with: value, at: place) }
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

    /// Finds what a value has beside this one: keys of objects that are not in this.
    ///
    /// - Parameter value: what may have more.
    /// - Returns: the places, with nothing expected there.
    package func surplus(in value: JSONValue) -> [JSONMismatch] {
        surplus(in: value, at: "$")
    }

    private func surplus(in value: JSONValue, at path: String) -> [JSONMismatch] {
        switch (self, value) {
        case (.object(let expected), .object(let received)):
            received.sorted { $0.key < $1.key }.flatMap { name, value in
                let place = path + Self.step(name)
                return expected[name].map { $0.surplus(in: value, at: place) }
                    ?? [JSONMismatch(path: place, expected: nil, received: value)]
            }
        case (.array(let expected), .array(let received)) where expected.count == received.count:
            zip(expected, received).enumerated().flatMap { index, pair in
                pair.0.surplus(in: pair.1, at: "\(path)[\(index)]")
            }
        default: []
        }
    }

    private static func step(_ name: String) -> String {
        let isPlain = !name.isEmpty && name.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isAlphabetic }
        return isPlain ? ".\(name)" : "[\"\(name)\"]"
    }
}
