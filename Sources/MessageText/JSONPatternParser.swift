/// A parser for JSON with placeholders.
enum JSONPatternParser {
    /// An object or array whose end has not been read yet.
    private struct OpenPart {
        var members: [String: JSONPattern.Part]?
        var elements: [JSONPattern.Part] = []
        var isOpen = false
        var name = ""

        var part: JSONPattern.Part { members.map { .object($0, isOpen: true) } ?? .array(elements, isOpen: isOpen) }

        mutating func append(_ part: JSONPattern.Part) {
            if members == nil { elements.append(part) } else { members?[name] = part }
        }
    }

    /// Parses a pattern and returns it with the names of its captures.
    static func parse(_ source: String) throws(JSONSyntaxError) -> (JSONPattern.Part, captureNames: [String]) {
        try Array(source.utf8).withUnsafeBufferPointer { (bytes) throws(JSONSyntaxError) in
            try parse(UnsafeRawBufferPointer(bytes))
        }
    }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer
    ) throws(JSONSyntaxError) -> (JSONPattern.Part, captureNames: [String]) {
        var tokenizer = JSONTokenizer(bytes, isPattern: true)
        var open: [OpenPart] = []
        var names: [String] = []
        var result = JSONPattern.Part.value(.null)
        while let token = try tokenizer.next() {
            func unexpected(_ expected: String) -> JSONSyntaxError {
                JSONSyntaxError(offset: token.range.lowerBound, expected: expected)
            }
            let text = UnsafeRawBufferPointer(rebasing: bytes[token.range])
            let part: JSONPattern.Part
            switch token.kind {
            case .comma, .colon: continue
            case .name:
                let name = JSONString.decode(text)
                guard open[open.count - 1].members?[name] == nil else {
                    throw unexpected("a name that this object does not have yet")
                }
                open[open.count - 1].name = name
                continue
            case .beginObject:
                open.append(OpenPart(members: [:]))
                continue
            case .beginArray:
                open.append(OpenPart())
                continue
            case .more:
                open[open.count - 1].isOpen = true
                continue
            case .endObject, .endArray: part = open.removeLast().part
            case .wildcard:
                let placeholder = placeholder(text)
                if let name = placeholder.name {
                    guard !names.contains(name) else {
                        throw unexpected("a name other than \(name), which is used twice")
                    }
                    names.append(name)
                }
                part = .placeholder(name: placeholder.name, placeholder.type)
            case .string: part = .value(.string(JSONString.decode(text)))
            case .number: part = .value(.number(JSONNumber(String(decoding: text, as: UTF8.self))))
            case .true: part = .value(.bool(true))
            case .false: part = .value(.bool(false))
            case .null: part = .value(.null)
            }
            if open.isEmpty { result = part } else { open[open.count - 1].append(part) }
        }
        return (result, names)
    }

    /// Splits `*NAME:TYPE` into its name and type, both of which are optional.
    private static func placeholder(_ token: UnsafeRawBufferPointer) -> (name: String?, type: JSONType?) {
        let words = String(decoding: token.dropFirst(), as: UTF8.self)
            .split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let name = words.first.flatMap { $0.isEmpty ? nil : $0 }
        return (name, words.count > 1 ? JSONType(rawValue: words[1]) : nil)
    }
}
