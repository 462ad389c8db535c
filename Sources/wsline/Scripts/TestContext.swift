import NIOCore
import WebSocketTransport

/// What the tests of a run have in common.
struct TestContext: Sendable {
    /// The event loops that the connections run on.
    let group: any EventLoopGroup
    /// What `--set` says.
    let variables: [String: String]
    /// How long a step may take unless its script says otherwise.
    let timeout: Duration
    static let defaultTimeout = Duration.seconds(10)

    /// The server behind `echo:`.
    let echo: WebSocketURL?
    /// The options of a connection whose script has none.
    let plainOptions: ConnectionConfiguration
}

/// Why a test failed.
struct TestFailure: Error, Sendable {
    /// The statement that was not met.
    let statement: Statement
    /// One line.
    let message: String
    /// Lines below it: what was expected and what came.
    let details: [String]
    /// The messages that went before, the newest last.
    var earlier: [String] = []
}
