package import NIOCore
package import WebSocketTransport

/// What the tests of a run have in common.
package struct TestContext: Sendable {
    /// The event loops that the connections run on.
    package let group: any EventLoopGroup
    /// What `--set` says.
    package let variables: [String: String]
    /// How long a step may take unless its script says otherwise.
    package let timeout: Duration
    package static let defaultTimeout = Duration.seconds(10)

    /// The server behind `echo:`.
    package let echo: WebSocketURL?

    package init(group: any EventLoopGroup, variables: [String: String], timeout: Duration, echo: WebSocketURL?) {
        self.group = group
        self.variables = variables
        self.timeout = timeout
        self.echo = echo
    }
}

/// Why a test failed.
package struct TestFailure: Error, Sendable {
    /// The statement that was not met.
    package let statement: Statement
    /// One line.
    package let message: String
    /// Lines below it: what was expected and what came.
    package let details: [String]
    /// The messages that went before, the newest last.
    package var earlier: [String] = []
}
