import MessageText
import WebSocketProtocol

/// The statements that open a recorded connection, with its URL and request options, and variables in place of
/// secrets.
///
/// Variable names begin with fixed words. If they were taken from the recording alone, it could send any environment
/// variable to any server.
package struct RecordedHandshake {
    /// The statements, the first of which is `connect`.
    private(set) var steps: [Step] = []
    /// The names of the variables in these and earlier statements.
    private(set) var variables: [String]

    /// The variables that a generated script may contain. The name of a header is appended to `HEADER`, so that the
    /// variable is secret if the header is, and a number to repeated names.
    static let variableNames = ["TOKEN", "CREDENTIALS", "COOKIE", "HEADER", "CA", "CERT"]

    private static let headerLimit = 30
    private static let valueLimit = 1000

    /// Creates the statements for a recording.
    ///
    /// - Parameters:
    ///   - recording: the recording.
    ///   - variables: the variables of earlier statements.
    init(_ recording: Recording, variables: [String] = []) {
        self.variables = variables
        steps.append(.connect(url(recording.url)))
        for subprotocol in recording.subprotocols {
            steps.append(.option(.subprotocol, Template(literal: subprotocol)))
        }
        for header in recording.headers {
            if let step = option(header) { steps.append(step) }
        }
        for option in recording.options {
            switch option {
            case "ca": steps.append(.option(.ca, placeholder("CA")))
            case "cert": steps.append(.option(.cert, placeholder("CERT")))
            case "http2": steps.append(.option(.http2, nil))
            case "location": steps.append(.option(.location, nil))
            case "http2-prior-knowledge": steps.append(.option(.http2PriorKnowledge, nil))
            case _ where option.hasPrefix("servername "):
                steps.append(.option(.servername, Template(literal: String(option.dropFirst("servername ".count)))))
            default: break
            }
        }
    }

    /// Returns the request header fields set by options, without secrets, as lines for a recording.
    ///
    /// - Parameter headers: all header fields of the request.
    /// - Returns: a `Name: value` line for each field.
    package static func recordable(_ headers: [(String, String)]) -> [String] {
        let fields = headers.filter { name, value in
            let name = name.lowercased()
            // HTTP/2 has pseudo-header fields, such as ":path".
            return !name.hasPrefix(":") && !name.hasPrefix("sec-websocket-") && !standard.contains(name)
                && !(name == "user-agent" && value.hasPrefix("wsline/"))
        }
        return fields.prefix(headerLimit).map { name, value in
            let scheme = name.lowercased() == "authorization" ? value.prefix { $0 != " " } + " " : ""
            return "\(name): \(scheme)\(Redaction.headerValue(value, of: name))"
        }
    }

    /// Header fields that every request or every browser request contains.
    private static let standard: Set<String> = [
        "host", "connection", "upgrade", "accept", "accept-encoding", "accept-language", "cache-control", "pragma",
    ]

    /// Returns a URL with variables in place of the ellipses that stand for secrets in a recording.
    private mutating func url(_ text: String) -> Template {
        let parts = text.split(separator: Redaction.placeholder, omittingEmptySubsequences: false)
        var source = Template(literal: String(parts[0])).source
        for part in parts.dropFirst() {
            source += name(part.hasPrefix("@") ? "CREDENTIALS" : "TOKEN") + Template(literal: String(part)).source
        }
        return (try? Template(source)) ?? Template(literal: text)
    }

    private mutating func option(_ header: String) -> Step? {
        guard let colon = header.firstIndex(of: ":"), header.utf8.count <= Self.valueLimit else { return nil }
        let name = String(header[..<colon])
        let value = String(header[header.index(after: colon)...].trimmingSpaces)
        guard !name.isEmpty, name.utf8.allSatisfy({ Token.contains($0) }) else { return nil }
        switch name.lowercased() {
        case "authorization" where value.lowercased().hasPrefix("bearer "):
            return .option(.bearer, placeholder("TOKEN"))
        case "authorization" where value.lowercased().hasPrefix("basic "):
            return .option(.auth, placeholder("CREDENTIALS"))
        case "cookie": return .option(.cookie, placeholder("COOKIE"))
        case "origin": return .option(.origin, Template(literal: value))
        case "user-agent": return .option(.userAgent, Template(literal: value))
        // A value with an exclamation mark would look like a command.
        case _ where Redaction.isSecret(name) || value.hasPrefix("!"):
            let source = "\(Template(literal: name).source): \(self.name("HEADER_\(Self.variablePart(name))"))"
            return (try? Template(source)).map { .option(.header, $0) }
        default: return .option(.header, Template(literal: "\(name): \(value)"))
        }
    }

    private mutating func placeholder(_ name: String) -> Template? { try? Template(self.name(name)) }

    /// Returns the name of a header as part of the name of a variable.
    private static func variablePart(_ name: String) -> String {
        String(name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    /// Returns the source of a new variable.
    private mutating func name(_ base: String) -> String {
        var name = base
        var count = 1
        while variables.contains(name) {
            count += 1
            name = "\(base)\(count)"
        }
        variables.append(name)
        return "${\(name)}"
    }
}
