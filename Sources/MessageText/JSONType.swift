/// A type of JSON values, as patterns and predicates name it.
package enum JSONType: String, CaseIterable, Sendable {
    case string, number, integer, boolean, array, object, null

    /// All names, for an error.
    static let names = "string, number, integer, boolean, array, object or null"

    /// Whether a value has this type. An integer is a number without a fraction, such as 7, 7.0 or 7e3.
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
