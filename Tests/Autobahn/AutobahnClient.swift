import NIOCore
import NIOPosix
import WebSocketTransport
import WebSocketProtocol

/// The client that the Autobahn Testsuite's fuzzing server judges: echoes what each case sends.
///
///     autobahn-client ws://HOST:PORT [PATTERN...]
///
/// A pattern is the start of a case's number: "1" stands for all of 1.*, "5.3" for 5.3 alone. Without one, all cases run.
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
            // The suite judges what happens; a connection that fails is part of many cases.
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
        // The suite is strict only with those who answer every message before a violation.
        options.answersEndAtOnce = false
        return options
    }

    /// Whether a case, described as `{"id": "5.3", …}`, is one of a pattern's.
    private static func matches(_ info: String, _ pattern: String) -> Bool {
        info.contains("\"id\": \"\(pattern).") || info.contains("\"id\": \"\(pattern)\"")
    }

    /// Returns the one text message that a resource of the server sends.
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
