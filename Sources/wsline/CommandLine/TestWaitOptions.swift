import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport

/// The options of `test` that wait for a server before the first test.
struct TestWaitOptions: ParsableArguments {
    @Option(
        name: .customLong("wait-for"),
        help: ArgumentHelp("wait until this server accepts connections", valueName: "url"),
        completion: .list(["localhost"])
    )
    var url: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("maximum time for --wait-for (default: 30s)", valueName: "time"),
        transform: Seconds.init
    )
    var limit: Seconds?

    func validate() throws {
        if let url { _ = try SessionPlan.Target(argument: url) }
        if limit != nil, url == nil { throw ValidationError("--for requires --wait-for") }
    }

    /// Waits for the server to accept connections, if a URL is given.
    ///
    /// A server that requires credentials is ready, and so is one whose certificate only the scripts' options trust.
    ///
    /// - Throws: `Failure`.
    func wait() async throws {
        guard let url, case .server(let server) = try SessionPlan.Target(argument: url) else { return }
        var configuration = try ConnectionSetup.configuration([], for: server, .commandLine)
        configuration.tls.acceptsAnyCertificate = true
        try await ServerWait(
            url: server,
            configuration: configuration,
            limit: limit?.duration ?? ServerWait.defaultLimit,
            acceptsUnauthorized: true
        ).run()
    }
}
