/// A formatter that indents JSON but leaves numbers, strings and the order of members unchanged.
package enum JSONFormatter {
    /// The kind of an output fragment, which determines its color.
    package enum Style: Sendable {
        case name, string, number, word, punctuation
    }

    /// The maximum indentation, in levels. It limits the output to a small multiple of the input.
    package static let indentLimit = 32

    /// Formats an object or array.
    ///
    /// - Parameters:
    ///   - bytes: the text, in UTF-8.
    ///   - newline: a closure that starts a new line, indented by the given number of levels.
    ///   - emit: a closure that appends a fragment of text.
    /// - Returns: whether the text is a JSON object or array within the depth limit of `JSONTokenizer`. If not, part of
    ///   it may have been emitted.
    package static func format(
        _ bytes: UnsafeRawBufferPointer,
        newline: (_ indent: Int) -> Void,
        emit: (Style, UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        let space: StaticString = " "
        var tokenizer = JSONTokenizer(bytes)
        var depth = 0
        var previous: JSONTokenizer.Kind?
        while true {
            let next: JSONTokenizer.Token?
            do throws(JSONSyntaxError) { next = try tokenizer.next() } catch { return false }
            guard let token = next else { return true }
            switch token.kind {
            case .endObject, .endArray:
                depth -= 1
                if previous != .beginObject, previous != .beginArray { newline(min(depth, indentLimit)) }
            case .comma, .colon: break
            default:
                if previous == .beginObject || previous == .beginArray || previous == .comma {
                    newline(min(depth, indentLimit))
                }
            }
            switch token.kind {
            case .beginObject, .beginArray: depth += 1
            default: if previous == nil { return false }
            }
            emit(style(of: token.kind), UnsafeRawBufferPointer(rebasing: bytes[token.range]))
            if token.kind == .colon { emit(.punctuation, UnsafeRawBufferPointer(start: space.utf8Start, count: 1)) }
            previous = token.kind
        }
    }

    /// Returns a valid JSON text without the spaces and newlines between its tokens.
    static func compact(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        var tokenizer = JSONTokenizer(text)
        while let token = try? tokenizer.next() { result += text[token.range] }
        return result
    }

    private static func style(of kind: JSONTokenizer.Kind) -> Style {
        switch kind {
        case .name: .name
        case .string: .string
        case .number: .number
        case .true, .false, .null, .wildcard, .more: .word
        case .beginObject, .endObject, .beginArray, .endArray, .comma, .colon: .punctuation
        }
    }
}
