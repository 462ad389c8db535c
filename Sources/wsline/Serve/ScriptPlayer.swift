import NIOPosix
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// Plays the server's side of a script with each client (`serve --script`).
struct ScriptPlayer: Sendable {
    private let script: Script
    private let context: TestContext

    /// Creates a player.
    ///
    /// - Parameters:
    ///   - script: a script with one test.
    ///   - variables: the variables set with `--set`.
    init(_ script: Script, _ variables: [String: String]) {
        self.script = script
        context = TestContext(
            group: MultiThreadedEventLoopGroup.singleton,
            variables: variables,
            timeout: TestContext.defaultTimeout,
            echo: nil
        )
    }

    /// Plays the script from the start.
    ///
    /// - Parameter connection: the connection to the client.
    /// - Returns: the result, and how the connection ended.
    func play(with connection: Connection) async -> (result: TestSuite.Result?, ending: CloseOutcome) {
        guard let test = script.tests.first else { return (nil, .lost(reason: nil, whileClosing: false)) }
        let (failure, time, ending) = await TestRun.play(test, of: script, with: connection, context)
        return (TestSuite.Result(testCase: .init(script: script, test: test), failure: failure, time: time), ending)
    }
}
