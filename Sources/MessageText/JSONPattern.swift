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
        /// An object, which may have additional members if `isOpen` is true.
        case object([String: Part], isOpen: Bool)

        /// Creates the part that only this value matches.
        init(_ value: JSONValue) {
            self =
                switch value {
                case .array(let elements): .array(elements.map(Part.init), isOpen: false)
                case .object(let members): .object(members.mapValues(Part.init), isOpen: false)
                case .null, .bool, .number, .string: .value(value)
                }
        }
    }

    let root: Part
    /// The names of the capturing placeholders, in pattern order.
    package let captureNames: [String]

    /// Parses a pattern.
    ///
    /// - Parameter source: the pattern; names consist of ASCII letters, digits and `_` and must be unique.
    /// - Throws: `JSONSyntaxError`.
    package init(_ source: String) throws(JSONSyntaxError) {
        (root, captureNames) = try JSONPatternParser.parse(source)
    }

    /// Creates the pattern that only this value matches.
    package init(exactly value: JSONValue) {
        (root, captureNames) = (Part(value), [])
    }

    /// Returns the end of the pattern at the start of a text, such as `{"a":*} b`; nil if there is none.
    package static func end(inPrefixOf text: String) -> String.Index? {
        var text = text
        let count = text.withUTF8 { bytes -> Int? in
            var tokenizer = JSONTokenizer(UnsafeRawBufferPointer(bytes), isPattern: true)
            var depth = 0
            while let token = try? tokenizer.next() {
                switch token.kind {
                case .beginObject, .beginArray: depth += 1
                case .endObject, .endArray: depth -= 1
                default: break
                }
                if depth == 0 { return token.range.upperBound }
            }
            return nil
        }
        return count.map { text.utf8.index(text.startIndex, offsetBy: $0) }
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
        case (.object(let parts, let isOpen), .object(let members)):
            for (name, part) in parts.sorted(by: { $0.key < $1.key }) {
                let place = JSONLocation.member(location, name)
                if let member = JSONValue.member(name, of: members) {
                    compare(part, member, at: place, &captures, &differences)
                } else {
                    differences.append(JSONDifference(path: "\(place)", expected: part.phrase, received: nil))
                }
            }
            guard !isOpen else { return }
            for (name, member) in members.sorted(by: { $0.key < $1.key })
            where JSONValue.member(name, of: parts) == nil {
                let place = JSONLocation.member(location, name)
                differences.append(JSONDifference(path: "\(place)", expected: "nothing", received: member))
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
