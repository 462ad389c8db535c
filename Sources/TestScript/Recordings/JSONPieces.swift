import MessageText

/// A JSON object or array split into its scalar values and the text between them, so that values can be replaced
/// without changing anything else.
struct JSONPieces {
    /// A string or number.
    struct Value: Hashable {
        /// The text of a string or the digits of a number.
        let text: String
        let isString: Bool
        /// The name of the object member that contains the value; empty if there is none.
        let name: String
    }

    private enum Piece {
        case text(String)
        case value(raw: String, Value)
    }

    private var pieces: [Piece] = []

    /// The values, in order.
    var values: [Value] { pieces.compactMap { if case .value(_, let value) = $0 { value } else { nil } } }

    /// Splits a text; returns nil if it is not a JSON object or array.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - isCompact: whether spaces and newlines between values are removed.
    init?(_ text: String, isCompact: Bool) {
        guard Array(text.utf8).withUnsafeBytes({ read($0, isCompact: isCompact) }) else { return nil }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, isCompact: Bool) -> Bool {
        var tokenizer = JSONTokenizer(bytes)
        var name = ""
        var end = 0
        func text(_ range: Range<Int>) -> String {
            String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        }
        do throws(JSONSyntaxError) {
            while let token = try tokenizer.next() {
                if pieces.isEmpty, token.kind != .beginObject, token.kind != .beginArray { return false }
                if !isCompact, end < token.range.lowerBound { pieces.append(.text(text(end..<token.range.lowerBound))) }
                end = token.range.upperBound
                let raw = text(token.range)
                switch token.kind {
                case .name:
                    name = Self.string(raw)
                    pieces.append(.text(raw))
                case .string:
                    pieces.append(.value(raw: raw, Value(text: Self.string(raw), isString: true, name: name)))
                case .number: pieces.append(.value(raw: raw, Value(text: raw, isString: false, name: name)))
                default: pieces.append(.text(raw))
                }
            }
        } catch {
            return false
        }
        if !isCompact, end < bytes.count { pieces.append(.text(text(end..<bytes.count))) }
        return !pieces.isEmpty
    }

    private static func string(_ raw: String) -> String {
        if case .string(let text) = try? JSONParser.parse(raw.utf8) { text } else { "" }
    }

    /// Returns template source in which values are replaced.
    ///
    /// - Parameter replacement: returns the source for a value and its index, or nil to keep the value.
    /// - Returns: the source.
    func source(_ replacement: (Value, Int) -> String?) -> String {
        var index = -1
        return pieces.map { piece in
            switch piece {
            case .text(let text): return Template(literal: text).source
            case .value(let raw, let value):
                index += 1
                return replacement(value, index) ?? Template(literal: raw).source
            }
        }.joined()
    }
}
