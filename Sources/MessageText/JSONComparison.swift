/// A comparison operator for JSON values, as in JSONPath (RFC 9535, section 2.3.5.2.2).
package enum JSONComparison: String, CaseIterable, Sendable {
    // An operator precedes its own prefixes: "<=" comes before "<".
    case equal = "=="
    case unequal = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"

    /// Returns whether the comparison is true; only two numbers or two strings can be ordered.
    ///
    /// - Parameters:
    ///   - left: a value, or nil if there is none.
    ///   - right: a value, or nil if there is none; two missing values are equal.
    /// - Returns: whether the comparison is true.
    package func holds(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        switch self {
        case .equal: left == right
        case .unequal: left != right
        case .less: Self.isLess(left, right)
        case .greater: Self.isLess(right, left)
        case .lessOrEqual: left == right || Self.isLess(left, right)
        case .greaterOrEqual: left == right || Self.isLess(right, left)
        }
    }

    private static func isLess(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        // UTF-8 bytes sort in code point order.
        case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        default: false
        }
    }
}
