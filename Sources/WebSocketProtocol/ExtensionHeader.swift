/// A parsed `Sec-WebSocket-Extensions` header: extensions with their parameters (RFC 6455, section 9.1).
struct ExtensionHeader: Equatable {
    /// An extension in an offer or a response.
    struct Element: Equatable {
        /// The name of the extension.
        var name: String
        /// The parameters in order; the value is nil for a parameter without "=".
        var parameters: [(name: String, value: String?)]

        static func == (left: Element, right: Element) -> Bool {
            left.name == right.name && left.parameters.elementsEqual(right.parameters, by: ==)
        }
    }

    /// An error for a header that violates the grammar.
    struct Malformed: Error, Equatable {}

    /// The extensions in order.
    let elements: [Element]

    /// Parses the values of all `Sec-WebSocket-Extensions` headers of a request or response.
    ///
    /// - Parameter values: the value of each header, in order.
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

        /// Parses a parameter's value. A quoted value must be a token too (section 9.1).
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
