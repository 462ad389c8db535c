package import NIOCore
package import WebSocketTransport

/// The settings shared by all tests of a run.
package struct TestContext: Sendable {
    /// The event loops that the connections run on.
    package let group: any EventLoopGroup
    /// The variables set with `--set`.
    package var variables: [String: String]
    /// The default time limit of a step.
    package let timeout: Duration
    package static let defaultTimeout = Duration.seconds(10)

    /// The URL of the built-in echo server; nil if no test uses it.
    package let echo: WebSocketURL?
    /// What each test records of its connections; nil for nothing.
    package var trace: TestTrace.Detail?

    package init(
        group: any EventLoopGroup,
        variables: [String: String],
        timeout: Duration,
        echo: WebSocketURL?
    ) {
        self.group = group
        self.variables = variables
        self.timeout = timeout
        self.echo = echo
    }
}

/// The reason why a test failed.
package struct TestFailure: Error, Sendable {
    /// The statement that failed.
    package let statement: Statement
    /// A one-line summary.
    package var message: String
    /// Further lines: the expected and the received message.
    package var details: [String]
    /// The messages before the failure, the newest last.
    package var earlier: [String] = []
    /// The failure of the `finally` part, if that failed as well; at most one.
    package var inFinally: [TestFailure] = []
    /// Whether the server could not be reached, so that nothing was tested.
    package var isError = false
}
