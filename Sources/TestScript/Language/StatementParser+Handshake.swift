/// Parsing of statements about the opening handshake.
extension StatementParser {
    /// The words after `<` that check the opening handshake.
    static let handshakeChecks = ["refused", "body", "header", "open", "subprotocol", "compressed", "uncompressed"]

    /// Parses the arguments of a handshake check.
    mutating func handshakeCheck(_ word: String) throws(ScriptProblem) -> Statement {
        let column = line.column
        switch word {
        case "refused": return statement(.handshake(try refusal()), at: column)
        case "body": return statement(.handshake(.body(try pattern())), at: column)
        case "header":
            let name = String(line.takeWord())
            guard !name.isEmpty, !name.contains(":") else {
                throw line.problem(at: column, "expected the name of a header field, without a colon")
            }
            let valueColumn = line.column
            let value = line.rest.isEmpty ? nil : try pattern()
            return statement(.handshake(.header(name: name, value)), at: valueColumn)
        case "open":
            return statement(.handshake(.open(subprotocol: line.rest.isEmpty ? nil : try template(line.rest))))
        case "subprotocol": return statement(.handshake(.subprotocol(try argument("a subprotocol"))))
        default:
            guard line.rest.isEmpty else { throw problem("<\(word) takes no value") }
            return statement(.handshake(.compression(word == "compressed")))
        }
    }

    private func refusal() throws(ScriptProblem) -> HandshakeCheck {
        if line.rest.isEmpty { return .refused(status: nil) }
        if line.rest == "tls" { return .certificateRejected }
        guard let status = Int(line.rest), 200...599 ~= status else {
            throw problem("expected a status such as 401, or tls")
        }
        return .refused(status: status)
    }
}
