/// The syntax of `Sec-WebSocket-Extensions` (RFC 6455, section 9.1): extensions with their parameters.
struct ExtensionHeader: Equatable {
    /// One extension as offered or agreed.
    struct Element: Equatable {
        /// The extension's name.
        var name: String
        /// Its parameters in order; without a value for those that only stand there.
        var parameters: [(name: String, value: String?)]

        static func == (left: Element, right: Element) -> Bool {
            left.name == right.name && left.parameters.elementsEqual(right.parameters, by: ==)
        }
    }

    /// The header's text breaks the grammar.
    struct Malformed: Error, Equatable {}

    /// The extensions in order.
    let elements: [Element]

    /// Reads the values of all headers of that name.
    ///
    /// - Parameter values: one for each header, in order.
    /// - Throws: `Malformed`.
    init(_ values: [String]) throws(Malformed) {
        var elements: [Element] = []
        for value in values {
            var scanner = Scanner(rest: Array(value.utf8)[...])
            repeat {
                elements.append(try scanner.element())
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.isAtEnd else { throw Malformed() }
        }
        self.elements = elements
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard rest.first == byte else { return false }
            rest.removeFirst()
            skipSpace()
            return true
        }

        mutating func element() throws(Malformed) -> Element {
            var element = Element(name: try token(), parameters: [])
            while take(UInt8(ascii: ";")) {
                let name = try token()
                let value = take(UInt8(ascii: "=")) ? try tokenOrQuoted() : nil
                element.parameters.append((name, value))
            }
            return element
        }

        private mutating func skipSpace() {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        }

        private mutating func token() throws(Malformed) -> String {
            skipSpace()
            let token = rest.prefix(while: Token.contains)
            guard !token.isEmpty else { throw Malformed() }
            rest = rest[token.endIndex...]
            return String(decoding: token, as: UTF8.self)
        }

        /// The value inside quotes must be a token too (section 9.1).
        private mutating func tokenOrQuoted() throws(Malformed) -> String {
            guard rest.first == UInt8(ascii: "\"") else { return try token() }
            rest.removeFirst()
            let value = try token()
            guard rest.first == UInt8(ascii: "\"") else { throw Malformed() }
            rest.removeFirst()
            return value
        }
    }
}
