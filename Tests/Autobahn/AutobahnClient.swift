import NIOCore
import NIOPosix
import WebSocketTransport
import WebSocketProtocol

/// The client for the Autobahn Testsuite's fuzzing server; echoes the messages of each case.
///
///     autobahn-client ws://HOST:PORT [PATTERN...]
///
/// A pattern is a prefix of case numbers: "1" selects all of 1.*, "5.3" only 5.3. All cases run by default.
@main
struct AutobahnClient {
    private static let agent = "wsline"

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let server = arguments.first else { fatalError("usage: autobahn-client ws://HOST:PORT [PATTERN...]") }
        let patterns = arguments.dropFirst()
        let dialer = Dialer(group: MultiThreadedEventLoopGroup(numberOfThreads: 1), options: options)

        let count = try await text(from: "\(server)/getCaseCount", dialer)
        guard let caseCount = Int(count) else { fatalError("getCaseCount says \"\(count)\"") }
        for number in 1...caseCount {
            let info = try await text(from: "\(server)/getCaseInfo?case=\(number)", dialer)
            guard patterns.isEmpty || patterns.contains(where: { matches(info, $0) }) else { continue }
            // Ignore errors: failing connections are part of many cases, and the suite judges the outcome.
            try? await dialer.withConnection(
                to: WebSocketURL("\(server)/runCase?case=\(number)&agent=\(agent)")
            ) { connection in
                try await connection.echo()
                connection.close(.normal)
                await connection.transportEnded()
            }
        }
        try await dialer.withConnection(to: WebSocketURL("\(server)/updateReports?agent=\(agent)")) { connection in
            try await connection.echo()
        }
    }

    private static var options: ConnectionConfiguration {
        var options = ConnectionConfiguration()
        options.connectTimeout = .seconds(60)
        // The suite's strict mode requires that all messages before a violation are answered.
        options.answersEndAtOnce = false
        return options
    }

    /// Whether a pattern selects a case, described as `{"id": "5.3", …}`.
    private static func matches(_ info: String, _ pattern: String) -> Bool {
        info.contains("\"id\": \"\(pattern).") || info.contains("\"id\": \"\(pattern)\"")
    }

    /// Returns the only text message of a resource.
    private static func text(from url: String, _ dialer: Dialer) async throws -> String {
        try await dialer.withConnection(to: WebSocketURL(url)) { connection in
            var text = ""
            for try await inbound in connection.inbound {
                for entry in inbound.batch.entries { text += inbound.batch.string(of: entry) }
                if inbound.outcome != nil { break }
            }
            return text
        }
    }
}
