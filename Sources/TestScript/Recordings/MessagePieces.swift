import MessageText

/// A text message, or a binary one that contains printable ASCII text, split into its values and the text between them,
/// so that values can be replaced without changing anything else.
///
/// The values are the strings and numbers of a JSON object or array, which may have a prefix, as in the messages of
/// Socket.IO: `42["join","lobby"]`. In other messages, they are the words.
struct MessagePieces {
    /// A string, number or word.
    struct Value: Hashable {
        enum Kind {
            case string, number, word
        }

        /// The text of a string or word, or the digits of a number.
        let text: String
        let kind: Kind
        /// The name of the object member that contains the value, or the word before; empty if there is none.
        let name: String

        var isString: Bool { kind != .number }
    }

    /// The replacement of a value.
    enum Replacement {
        /// Any value.
        case any
        /// Any value, captured in a variable.
        case capture(String)
        /// The value of a variable.
        case variable(String)
    }

    private enum Piece {
        case text(String)
        case value(raw: String, Value)
    }

    private var pieces: [Piece] = []
    /// Whether the message is a text message with a JSON object or array without a prefix.
    private(set) var isJSON = true
    private var isText = true

    /// The maximum size of a message that is not JSON, in bytes; its expression must not become too long.
    private static let sizeLimit = 16 << 10

    /// The values, in order.
    var values: [Value] { pieces.compactMap { if case .value(_, let value) = $0 { value } else { nil } } }

    /// Splits a message; returns nil if it is binary without being text, or neither JSON nor small.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - isCompact: whether spaces and newlines between the values of JSON are removed.
    init?(_ message: ScriptMessage, isCompact: Bool) {
        guard message.isText || message.isPrintable else { return nil }
        self.init(message.text, isCompact: isCompact && message.isText)
        isText = message.isText
        isJSON = isJSON && isText
    }

    /// Splits a text; returns nil if it is neither JSON nor small.
    init?(_ text: String, isCompact: Bool) {
        guard !readJSON(text, isCompact: isCompact) else { return }
        isJSON = false
        guard text.utf8.count <= Self.sizeLimit else { return nil }
        if let start = text.firstIndex(where: { $0 == "{" || $0 == "[" }) {
            pieces = [.text(String(text[..<start]))]
            guard !readJSON(String(text[start...]), isCompact: false) else { return }
        }
        readWords(text)
    }

    private mutating func readJSON(_ text: String, isCompact: Bool) -> Bool {
        let before = pieces
        guard !Array(text.utf8).withUnsafeBytes({ read($0, isCompact: isCompact) }) else { return true }
        pieces = before
        return false
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, isCompact: Bool) -> Bool {
        var tokenizer = JSONTokenizer(bytes)
        var name = ""
        var isFirst = true
        var end = 0
        func text(_ range: Range<Int>) -> String {
            String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        }
        do throws(JSONSyntaxError) {
            while let token = try tokenizer.next() {
                if isFirst, token.kind != .beginObject, token.kind != .beginArray { return false }
                isFirst = false
                if !isCompact, end < token.range.lowerBound { pieces.append(.text(text(end..<token.range.lowerBound))) }
                end = token.range.upperBound
                let raw = text(token.range)
                switch token.kind {
                case .name:
                    name = Self.string(raw)
                    pieces.append(.text(raw))
                case .string:
                    pieces.append(.value(raw: raw, Value(text: Self.string(raw), kind: .string, name: name)))
                case .number: pieces.append(.value(raw: raw, Value(text: raw, kind: .number, name: name)))
                default: pieces.append(.text(raw))
                }
            }
        } catch {
            return false
        }
        if !isCompact, end < bytes.count { pieces.append(.text(text(end..<bytes.count))) }
        return !isFirst
    }

    private static func string(_ raw: String) -> String {
        if case .string(let text) = try? JSONParser.parse(raw.utf8) { text } else { "" }
    }

    private mutating func readWords(_ text: String) {
        pieces = []
        var name = ""
        var rest = Substring(text)
        while !rest.isEmpty {
            let other = rest.prefix { !Self.isPartOfWord($0) }
            if !other.isEmpty { pieces.append(.text(String(other))) }
            rest = rest[other.endIndex...]
            let word = VolatileText.leadingTime(of: rest) ?? rest.prefix(while: Self.isPartOfWord)
            guard !word.isEmpty else { continue }
            pieces.append(.value(raw: String(word), Value(text: String(word), kind: .word, name: name)))
            name = String(word)
            rest = rest[word.endIndex...]
        }
    }

    private static func isPartOfWord(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_.+/=".contains(character))
    }

    // MARK: Statements

    /// Returns template source in which values are replaced, as part of a message or of a JSON pattern.
    ///
    /// - Parameter replacement: returns the replacement for a value and its index, or nil to keep the value.
    /// - Returns: the source.
    func source(_ replacement: (Value, Int) -> Replacement?) -> String {
        replaced(replacement) {
            Template(literal: $0).source
        } with: { replacement, value in
            switch replacement {
            case .any: "*"
            case .capture(let name): "*\(name)"
            case .variable(let name): value.kind == .string ? "\"${\(name)}\"" : "${\(name)}"
            }
        }
    }

    /// Returns the pattern of the messages with any values in the places of those that are replaced.
    ///
    /// - Parameter replacement: returns the replacement for a value and its index, or nil to keep the value.
    /// - Returns: the pattern; nil if there is none.
    func pattern(_ replacement: (Value, Int) -> Replacement?) -> MessagePattern? {
        guard !isJSON else { return (try? Template(source(replacement))).map { .json($0) } }
        let expression = replaced(replacement, Self.expression) { replacement, value in
            let any =
                switch value.kind {
                case .string: "[^\"]*"
                case .number: "[-+.eE\\d]+"
                case .word: "\\S+"
                }
            let content =
                switch replacement {
                case .any: any
                case .capture(let name): "(?<\(name)>\(any))"
                case .variable(let name): "${\(name)}"
                }
            return value.kind == .string ? "\"\(content)\"" : content
        }
        return (try? Template("^\(expression)$")).map { isText ? .regex($0) : .binaryRegex($0) }
    }

    /// Returns an expression that matches a text literally, with as few escapes as possible.
    private static func expression(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            " \"',:;/<>=_-!&@%~".unicodeScalars.contains(scalar)
                ? String(scalar) : RegularExpression.literal(String(scalar))
        }.joined()
    }

    private func replaced(
        _ replacement: (Value, Int) -> Replacement?,
        _ literal: (String) -> String,
        with source: (Replacement, Value) -> String
    ) -> String {
        var index = -1
        return pieces.map { piece in
            switch piece {
            case .text(let text): return literal(text)
            case .value(let raw, let value):
                index += 1
                return replacement(value, index).map { source($0, value) } ?? literal(raw)
            }
        }.joined()
    }
}
