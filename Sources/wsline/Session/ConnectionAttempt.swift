import NIOCore
import WebSocketTransport

/// One attempt to connect, and the connection that it leads to. Confined to its event loop.
final class ConnectionAttempt {
    private let loop: any EventLoop
    private var report: ((Result<Connection, Failure>) -> Void)?
    private var connection: Connection?
    /// Succeeds when the session is done with the connection.
    private let isDone: EventLoopPromise<Void>
    /// Succeeds when the transport has ended.
    private let hasEnded: EventLoopPromise<Void>
    private var task: Task<Void, Never>?

    /// Begins to connect.
    ///
    /// - Parameters:
    ///   - dialer: opens the connection.
    ///   - url: the server.
    ///   - loop: the event loop of the session.
    ///   - report: called once, unless the attempt is canceled before.
    init(
        _ dialer: SessionDialer,
        _ url: WebSocketURL,
        on loop: any EventLoop,
        report: @escaping (Result<Connection, Failure>) -> Void
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
                let failure = Failure(error)
                loop.execute { attempt.value.failed(failure) }
            }
            hasEnded.succeed()
        }
    }

    /// Gives up: nothing is reported any more.
    func cancel() {
        report = nil
        task?.cancel()
        isDone.succeed()
    }

    /// Lets go of the connection, whose transport ends.
    func closeTransport() {
        isDone.succeed()
    }

    /// Lets go of everything.
    ///
    /// - Returns: succeeds when the transport has ended, if there is one.
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

    private func failed(_ failure: Failure) {
        isDone.succeed()
        report?(.failure(failure))
        report = nil
    }
}
