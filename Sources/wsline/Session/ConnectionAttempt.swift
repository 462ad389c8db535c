import NIOCore
import WebSocketTransport

/// An attempt to connect, and the resulting connection. Confined to its event loop.
final class ConnectionAttempt {
    private let loop: any EventLoop
    private var report: ((Result<Connection, any Error>) -> Void)?
    private var connection: Connection?
    /// Completed when the session no longer needs the connection.
    private let isDone: EventLoopPromise<Void>
    /// Completed when the transport has ended.
    private let hasEnded: EventLoopPromise<Void>
    private var task: Task<Void, Never>?

    /// Starts connecting.
    ///
    /// - Parameters:
    ///   - dialer: opens the connection.
    ///   - url: the URL of the server.
    ///   - loop: the event loop of the session.
    ///   - report: called once with the result, unless the attempt is canceled first.
    init(
        _ dialer: SessionDialer,
        _ url: WebSocketURL,
        on loop: any EventLoop,
        report: @escaping (Result<Connection, any Error>) -> Void
    ) {
        self.loop = loop
        self.report = report
        isDone = loop.makePromise()
        hasEnded = loop.makePromise()
        let attempt = NIOLoopBound(self, eventLoop: loop)
        task = Task { [isDone, hasEnded] in
            do {
                try await dialer.withConnection(to: url) { connection in
                    try await loop.submit { attempt.value.opened(connection) }.get()
                    try await isDone.futureResult.get()
                }
            } catch {
                loop.execute { attempt.value.failed(error) }
            }
            hasEnded.succeed()
        }
    }

    /// Cancels the attempt. Nothing is reported afterwards.
    func cancel() {
        report = nil
        task?.cancel()
        isDone.succeed()
    }

    /// Releases the connection, which ends its transport.
    func closeTransport() {
        isDone.succeed()
    }

    /// Cancels the attempt or releases the connection.
    ///
    /// - Returns: a future that succeeds when the transport, if there is one, has ended.
    func end() -> EventLoopFuture<Void> {
        defer { cancel() }
        return connection == nil ? loop.makeSucceededVoidFuture() : hasEnded.futureResult
    }

    private func opened(_ connection: Connection) {
        guard let report else { return isDone.succeed() }
        self.connection = connection
        self.report = nil
        report(.success(connection))
    }

    private func failed(_ error: any Error) {
        isDone.succeed()
        report?(.failure(error))
        report = nil
    }
}
