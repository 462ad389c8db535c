/// A comparison of two JSON values, as in JSONPath (RFC 9535, 2.3.5.2.2).
package enum JSONComparison: String, CaseIterable, Sendable {
    // A longer operator comes before its beginning.
    case equal = "=="
    case unequal = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"

    /// Whether the comparison is true. Only numbers with numbers and strings with strings have an order.
    ///
    /// - Parameters:
    ///   - left: a value, or nil for none.
    ///   - right: a value, or nil for none; equal to another that is nil.
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
        // The order of bytes in UTF-8 is the order of code points.
        case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        default: false
        }
    }
}
