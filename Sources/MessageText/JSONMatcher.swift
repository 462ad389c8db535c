/// A JSON pattern that a text is compared with while it is read, which takes no memory for each value.
///
/// It accepts the same messages as `JSONPattern.match(_:)`: of several members with the same name, the last one counts.
struct JSONMatcher: Sendable {
    /// A part of the pattern.
    indirect enum Part: Sendable {
        /// Any value, or any of a type.
        case any(JSONType?)
        /// Any value, whose position is the result.
        case selected
        /// A string, number, Boolean or null, and its usual notation in JSON.
        case scalar(JSONValue, notation: [UInt8])
        /// An array, which may have additional elements if `isOpen` is true.
        case array([Part], isOpen: Bool)
        case object([Member])
    }

    struct Member: Sendable {
        /// The name in UTF-8.
        let name: [UInt8]
        let part: Part
        /// Whether this member is the selected value or contains it.
        var leadsToSelected = false
        /// Whether the text can match without this member.
        var isOptional = false
    }

    /// The maximum number of members of an object in a pattern.
    static let memberLimit = UInt64.bitWidth
    /// The maximum index of an array element in a path.
    private static let indexLimit = 1000

    private let root: Part

    /// Creates a matcher for a pattern. Returns nil if it has too many members, or allows no other members.
    init?(_ pattern: JSONPattern) {
        guard let root = Self.compile(pattern.root) else { return nil }
        self.root = root
    }

    /// Creates a matcher that selects the value at a path. Returns nil if the path can select several values, counts
    /// from the end of an array, or has a large index.
    init?(_ path: JSONPath) {
        guard path.isSingular else { return nil }
        var part = Part.selected
        for segment in path.query.segments.reversed() {
            switch segment.selectors.first {
            case .member(let name): part = .object([Member(name: Array(name.utf8), part: part)])
            case .element(let index) where 0...Self.indexLimit ~= index:
                part = .array(Array(repeating: .any(nil), count: index) + [part], isOpen: true)
            default: return nil
            }
        }
        root = part
    }

    private init(root: Part) { self.root = root }

    /// Returns a matcher for this pattern that also selects the value at a path, if there is one. Returns nil if the
    /// pattern does not allow that.
    func selecting(_ path: JSONMatcher) -> JSONMatcher? {
        Self.merge(root, path.root).map(JSONMatcher.init(root:))
    }

    private static func merge(_ part: Part, _ path: Part) -> Part? {
        switch (part, path) {
        case (.any(nil), .selected): return .selected
        case (.object(var members), .object(let steps)):
            guard let step = steps.first else { return nil }
            if let index = members.firstIndex(where: { $0.name == step.name }) {
                guard let part = merge(members[index].part, step.part) else { return nil }
                members[index] = Member(name: step.name, part: part, leadsToSelected: true)
            } else {
                members.append(Member(name: step.name, part: step.part, leadsToSelected: true, isOptional: true))
            }
            return members.count <= memberLimit ? .object(members) : nil
        default: return nil
        }
    }

    private static func compile(_ part: JSONPattern.Part) -> Part? {
        switch part {
        case .value(let value): return .scalar(value, notation: Array(value.description.utf8))
        case .placeholder(_, let type): return .any(type)
        case .array(let parts, let isOpen):
            let compiled = parts.compactMap(compile)
            return compiled.count == parts.count ? .array(compiled, isOpen: isOpen) : nil
        case .object(_, isOpen: false): return nil
        case .object(let parts, isOpen: true):
            let members = parts.sorted { $0.key < $1.key }
                .compactMap { name, part in compile(part).map { Member(name: Array(name.utf8), part: $0) } }
            return members.count == parts.count && members.count <= memberLimit ? .object(members) : nil
        }
    }

    /// Whether a text is JSON that matches.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        var run = JSONMatcherRun(text)
        return run.matches(root)
    }

    /// Returns whether a text is JSON that matches, and the position of the selected value, if it has one.
    func select(in text: UnsafeRawBufferPointer) -> (matches: Bool, selected: Range<Int>?) {
        var run = JSONMatcherRun(text)
        let isMatch = run.matches(root)
        return (isMatch, isMatch ? run.selected : nil)
    }
}

/// A comparison of one text.
private struct JSONMatcherRun {
    private let text: UnsafeRawBufferPointer
    private var tokenizer: JSONTokenizer
    private(set) var selected: Range<Int>?

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
        tokenizer = JSONTokenizer(text)
    }

    /// Whether the whole text is JSON that matches. Reads all of it, because an error may be at its end.
    mutating func matches(_ part: JSONMatcher.Part) -> Bool {
        do throws(JSONSyntaxError) {
            let isMatch = try matches(part, from: try next())
            return try tokenizer.next() == nil && isMatch
        } catch {
            return false
        }
    }

    /// Returns the next token of a value that has not ended yet.
    private mutating func next() throws(JSONSyntaxError) -> JSONTokenizer.Token {
        guard let token = try tokenizer.next() else { throw JSONSyntaxError(offset: text.count, expected: "a value") }
        return token
    }

    /// Reads a value that starts with a token, and returns whether it matches.
    private mutating func matches(
        _ part: JSONMatcher.Part,
        from first: JSONTokenizer.Token
    ) throws(JSONSyntaxError) -> Bool {
        switch (part, first.kind) {
        case (.object(let members), .beginObject): return try matchMembers(members)
        case (.array(let parts, let isOpen), .beginArray): return try matchElements(parts, isOpen: isOpen)
        case (.selected, _):
            selected = first.range.lowerBound..<(try skip(first))
            return true
        case (.any(let type), _):
            _ = try skip(first)
            return type.map { includes(first, $0) } ?? true
        case (.scalar(let value, let notation), _):
            _ = try skip(first)
            return equals(first, value, notation)
        case (.object, _), (.array, _):
            _ = try skip(first)
            return false
        }
    }

    /// Reads the rest of a value, and returns its end.
    private mutating func skip(_ first: JSONTokenizer.Token) throws(JSONSyntaxError) -> Int {
        var token = first
        var depth = 0
        while true {
            switch token.kind {
            case .beginObject, .beginArray: depth += 1
            case .endObject, .endArray: depth -= 1
            default: break
            }
            if depth == 0 { return token.range.upperBound }
            token = try next()
        }
    }

    private mutating func matchMembers(_ members: [JSONMatcher.Member]) throws(JSONSyntaxError) -> Bool {
        var found: UInt64 = 0
        for (index, member) in members.enumerated() where member.isOptional { found |= 1 << UInt64(index) }
        while true {
            let token = try next()
            switch token.kind {
            case .endObject: return found.nonzeroBitCount == members.count
            case .comma: continue
            default: break
            }
            let index = members.firstIndex { isName(token, $0.name) }
            _ = try next()
            let value = try next()
            if let index {
                let bit = UInt64(1) << UInt64(index)
                // A later member with the same name counts.
                if members[index].leadsToSelected { selected = nil }
                if members[index].isOptional {
                    if try !matches(members[index].part, from: value) { selected = nil }
                } else if try matches(members[index].part, from: value) {
                    found |= bit
                } else {
                    found &= ~bit
                }
            } else {
                _ = try skip(value)
            }
        }
    }

    private mutating func matchElements(_ parts: [JSONMatcher.Part], isOpen: Bool) throws(JSONSyntaxError) -> Bool {
        var count = 0
        var isMatch = true
        while true {
            let token = try next()
            switch token.kind {
            case .endArray: return isMatch && (isOpen ? count >= parts.count : count == parts.count)
            case .comma: continue
            default: break
            }
            if count < parts.count {
                if try !matches(parts[count], from: token) { isMatch = false }
            } else {
                _ = try skip(token)
            }
            count += 1
        }
    }

    private func bytes(of token: JSONTokenizer.Token) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: text[token.range])
    }

    /// Whether the newest token is this name.
    private func isName(_ token: JSONTokenizer.Token, _ name: [UInt8]) -> Bool {
        let bytes = bytes(of: token)
        if tokenizer.hasEscapes { return JSONString.decode(bytes).utf8.elementsEqual(name) }
        return bytes.count == name.count + 2 && bytes.dropFirst().dropLast().elementsEqual(name)
    }

    private func equals(_ token: JSONTokenizer.Token, _ value: JSONValue, _ notation: [UInt8]) -> Bool {
        let bytes = bytes(of: token)
        switch (token.kind, value) {
        case (.true, .bool(true)), (.false, .bool(false)), (.null, .null): return true
        case (.number, .number(let number)):
            return bytes.elementsEqual(notation) || JSONNumber(String(decoding: bytes, as: UTF8.self)) == number
        case (.string, .string(let text)):
            if bytes.elementsEqual(notation) { return true }
            return bytes.contains(UInt8(ascii: "\\"))
                ? JSONString.decode(bytes).hasSameCodePoints(as: text) : isRaw(bytes, text)
        default: return false
        }
    }

    /// Whether a token without escapes is this text.
    private func isRaw(_ token: UnsafeRawBufferPointer, _ text: String) -> Bool {
        token.count == text.utf8.count + 2 && token.dropFirst().dropLast().elementsEqual(text.utf8)
    }

    private func includes(_ token: JSONTokenizer.Token, _ type: JSONType) -> Bool {
        switch (type, token.kind) {
        case (.string, .string), (.number, .number), (.boolean, .true), (.boolean, .false), (.array, .beginArray),
            (.object, .beginObject), (.null, .null):
            true
        case (.integer, .number): JSONNumber(String(decoding: bytes(of: token), as: UTF8.self)).isInteger
        default: false
        }
    }
}
