/// Indents JSON token by token: numbers, strings and the order of members stay exactly as they are.
package enum JSONFormatter {
    /// The kind of a piece of output, which decides its color.
    package enum Style: Sendable {
        case name, string, number, word, punctuation
    }

    /// The deepest indentation. Values below this level are not indented any further, so that the output is at most a
    /// small multiple of the input.
    package static let indentLimit = 32

    /// Formats an object or array.
    ///
    /// - Parameters:
    ///   - bytes: the text, in UTF-8.
    ///   - newline: starts a line that is indented by this number of steps.
    ///   - emit: appends a piece of text.
    /// - Returns: false when the text is not a JSON object or array, or exceeds the depth that `JSONTokenizer` allows;
    ///   a part of it may have been emitted by then.
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
