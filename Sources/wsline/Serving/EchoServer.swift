import NIOPosix
import WebSocketClient

/// One run of `serve --echo`: listens until a signal asks for the end.
enum EchoServer {
    /// Runs until it is interrupted.
    ///
    /// - Parameter command: the options.
    /// - Throws: `Diagnostic`, for the signal that ended it too.
    static func run(_ command: Serve) async throws {
        let signals = Signals([SIGINT, SIGTERM, SIGHUP])
        let listener: Listener
        do {
            listener = try await Listener(
                host: command.address.host,
                port: command.address.port,
                group: MultiThreadedEventLoopGroup.singleton,
                options: command.listenerOptions
            )
        } catch {
            throw Diagnostic(listening: command.address, error)
        }
        let authority = command.address.authority(port: listener.port)
        command.notices.notice("wsline: listening on ws://\(authority)/")
        if !listener.isLoopback {
            command.notices.notice("wsline: other machines can connect to \(authority) too")
        }
        let server = Task { try await listener.run { try await $0.echo() } }
        for await number in signals.events {
            server.cancel()
            throw Diagnostic(.signal(number), "")
        }
    }
}
