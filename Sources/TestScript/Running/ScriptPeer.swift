import NIOCore
import WebSocketTransport
import WebSocketProtocol

/// The other end of a connection of a test: its connection once it is open, and what came over it.
struct ScriptPeer: Sendable {
    /// The name behind `@`; empty for the connection without one.
    let name: String
    /// What is connected to, once more; nil when the peer has connected to us.
    let url: Template?
    let inbox = Inbox()
    /// The options of the script, in their order.
    var options: [(option: ConnectionOption, value: Template?)] = []
    /// The pings that were sent and whose pongs were not asked for, by their payloads.
    var pings: [[UInt8]] = []
    /// Whether the script has sent a Close frame.
    var hasClosed = false

    init(name: String, url: Template?) {
        self.name = name
        self.url = url
    }

    /// The connection once it was opened, even after the test has stopped waiting for it.
    var connection: Connection? { inbox.connection }

    /// Opens the connection and reads it to its end.
    func dial(_ url: WebSocketURL, _ options: ConnectionConfiguration, _ group: any EventLoopGroup) async {
        do {
            try await Dialer(group: group, options: options).withConnection(to: url) { connection in
                guard inbox.enter(.open(connection)) else { return }
                await inbox.receive(from: connection)
            }
        } catch {
            inbox.enter(.failed(Explanation(error)))
        }
    }

    /// Marks a line of a report when there are several connections.
    var mark: String { name.isEmpty ? "" : "@\(name) " }
}
