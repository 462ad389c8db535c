import NIOCore
import WebSocketTransport
import WebSocketProtocol

/// The peer of a connection in a test: how to connect to it, and the messages received from it.
struct ScriptPeer: Sendable {
    /// An option of the connection, as the script has it.
    struct Option: Sendable {
        let statement: Statement
        let option: ConnectionOption
        let value: Template?
    }

    /// The name after `@`; empty for the unnamed connection.
    let name: String
    /// The statement that opens the connection; nil if the peer has connected to us.
    let connect: Statement?
    let inbox: Inbox
    /// Records the events of the connection; nil if nobody asks for them.
    let trace: ConnectionTrace?
    /// The options in the script, in order.
    var options: [Option] = []
    /// The payloads of pings whose pongs the script has not consumed.
    var pings: [[UInt8]] = []
    /// Whether the script has sent a Close frame.
    var hasClosed = false
    /// The failure of a message that was not sent because the peer had closed. Whether its Close arrives before or after
    /// the message is sent is a matter of timing, so the next statement may expect it.
    var unsent: TestFailure?
    /// The messages that are sent again and again.
    var timers: [Task<Void, Never>] = []
    /// The last message that a statement has received and that matched.
    var lastMessage: ScriptMessage?

    init(name: String, connect: Statement?, _ trace: TestTrace? = nil) {
        self.name = name
        self.connect = connect
        self.trace = trace.map { ConnectionTrace(trace: $0, connection: name) }
        inbox = Inbox(self.trace)
    }

    /// The connection, even if it has ended; nil if it was never opened.
    var connection: Connection? { inbox.connection }

    /// Opens the connection and reads it until it ends.
    func dial(
        _ url: WebSocketURL,
        _ options: ConnectionConfiguration,
        _ context: TestContext,
        _ http2: HTTP2Pool
    ) async {
        let name = url == context.echo ? "echo:" : "\(url)"
        trace?.note(.connecting(name))
        do {
            let dialer = Dialer(group: context.group, options: options, pool: http2)
            try await dialer.withConnection(to: url) { connection in
                trace?.note(.open(name, connection.handshake, options))
                guard inbox.enter(.open(connection)) else { return }
                await inbox.receive(from: connection)
            }
        } catch {
            let explanation = Explanation(error)
            trace?.note(.failed(explanation.message, error, url: name, options))
            inbox.enter(.failed(explanation, error as? ConnectError))
        }
    }

    mutating func endTimers() {
        for timer in timers { timer.cancel() }
        timers = []
    }

    /// The prefix of report lines about a named connection.
    var mark: String { name.isEmpty ? "" : "@\(name) " }
}
