/// The position of a value in a JSON document.
///
/// Locations share common prefixes, so the locations of all values in a document take little memory.
package indirect enum JSONLocation: Equatable, Sendable {
    case root
    /// A member of the object at a location.
    case member(JSONLocation, String)
    /// An element of the array at a location; the first one is 0.
    case element(JSONLocation, Int)

    /// The location as a normalized path (RFC 9535, section 2.7): `$['items'][2]['id']`.
    package var normalizedPath: String {
        text { name in
            var output = "['"
            for scalar in name.unicodeScalars {
                switch scalar {
                case "\u{8}": output += "\\b"
                case "\t": output += "\\t"
                case "\n": output += "\\n"
                case "\u{C}": output += "\\f"
                case "\r": output += "\\r"
                case "'", "\\": output += "\\\(scalar)"
                case ..<" ": output += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                default: output.unicodeScalars.append(scalar)
                }
            }
            return output + "']"
        }
    }

    private func text(_ member: (String) -> String) -> String {
        var steps: [String] = []
        var location = self
        while true {
            switch location {
            case .root: return "$" + steps.reversed().joined()
            case .member(let parent, let name):
                steps.append(member(name))
                location = parent
            case .element(let parent, let index):
                steps.append("[\(index)]")
                location = parent
            }
        }
    }
}

extension JSONLocation: CustomStringConvertible {
    /// The location as a short, printable JSONPath: `$.items[2].id`, `$["two words"]`.
    package var description: String { text(Self.step) }

    /// Returns the path segment for a member of an object: `.id`, `["two words"]`.
    static func step(_ name: String) -> String {
        let isPlain = name.unicodeScalars.enumerated().allSatisfy { index, scalar in
            scalar == "_" || scalar.properties.isAlphabetic || index > 0 && "0" <= scalar && scalar <= "9"
        }
        return isPlain && !name.isEmpty ? ".\(name)" : "[\(JSONValue.string(name))]"
    }
}
