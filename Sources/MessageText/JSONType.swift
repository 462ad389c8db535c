/// A type of JSON value that patterns and predicates can name.
package enum JSONType: String, CaseIterable, Sendable {
    case string, number, integer, boolean, array, object, null

    /// All names, for error messages.
    static let names = "string, number, integer, boolean, array, object or null"

    /// Returns whether a value has this type; 7, 7.0 and 7e3 are integers.
    package func includes(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.string, .string), (.number, .number), (.boolean, .bool), (.array, .array), (.object, .object),
            (.null, .null):
            true
        case (.integer, .number(let number)): number.isInteger
        default: false
        }
    }

    /// The type with its article: `an integer`.
    var phrase: String {
        switch self {
        case .string, .number, .boolean: "a \(rawValue)"
        case .integer, .array, .object: "an \(rawValue)"
        case .null: rawValue
        }
    }
}
