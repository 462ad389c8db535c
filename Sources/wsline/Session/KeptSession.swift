import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A session without anybody typing that connects again when the connection is lost (`--reconnect`).
///
/// The input is read once and goes to whatever connection there is.
struct KeptSession: Sendable {
    private let plan: SessionPlan
    private let dialer: SessionDialer
    private let notices: Diagnostics
    private let log: EventLog
    private let outlet: Outlet
    private let inputEnd = InputEnd()

    init(_ plan: SessionPlan, _ dialer: SessionDialer, _ notices: Diagnostics, _ log: EventLog) {
        (self.plan, self.dialer, self.notices, self.log) = (plan, dialer, notices, log)
        outlet = Outlet(notices)
    }

    /// Runs the session to its end.
    ///
    /// - Parameters:
    ///   - url: the server.
    ///   - limit: how often the connection is opened again.
    ///   - eventLoop: carries the connections.
    /// - Throws: `Failure` when it did not end as asked.
    func run(_ url: WebSocketURL, _ limit: ReconnectLimit, on eventLoop: any EventLoop) async throws {
        let input = try await plan.openInput(on: eventLoop, log)
        let reading = Task(executorPreference: input.executor(on: eventLoop)) { [self] in
            inputEnd.set(await input.read(plan.inputCutter) { await send($0) })
        }
        defer {
            input.stop()
            reading.cancel()
        }
        do {
            try await connectAgainAndAgain(url, Backoff(limit))
            _ = outlet.finish()
        } catch {
            var diagnostic = Failure(error)
            let unsent = outlet.finish()
            if unsent > 0, !diagnostic.message.isEmpty {
                diagnostic.message +=
                    "; \(unsent) message\(unsent == 1 ? "" : "s") read from the input had not been sent"
            }
            throw diagnostic
        }
    }

    private func connectAgainAndAgain(_ url: WebSocketURL, _ backoff: Backoff) async throws {
        var backoff = backoff
        while true {
            do {
                try await dialer.withConnection(to: url, notices) { connection in
                    backoff.noteConnected()
                    var plan = plan
                    plan.messageLimit = plan.messageLimit.map { $0 - outlet.shown }
                    let session = PipeSession(plan: plan, connection: connection, notices: notices, log: log)
                    try await session.run(outlet) { await inputEnd.value }
                }
                return
            } catch {
                let diagnostic = Failure(error)
                guard let retry = backoff.retry(after: diagnostic) else { throw diagnostic }
                try? log.write(.error(diagnostic))
                notices.notice("wsline: \(retry.words)")
                try await wait(retry)
            }
        }
    }

    private func send(_ batch: MessageBatch) async -> Failure? {
        do throws(SystemCallError) {
            if try await outlet.send(batch, log) { return nil }
            // `run` tells how much was not sent.
            return Failure(.lost, "")
        } catch {
            return Failure(error)
        }
    }

    /// Waits, unless a signal or the run's time limit comes first.
    private func wait(_ retry: Retry) async throws {
        let signals = Signals([SIGINT, SIGTERM, SIGHUP])
        try await withThrowingTaskGroup { group in
            group.addTask { try await retry.wait(plan) }
            group.addTask {
                for await number in signals.events { throw Failure(.signal(number), "") }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// How the input of a session ended, for each of its connections to wait for.
private final class InputEnd: Sendable {
    private struct State {
        var end: Failure??
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    func set(_ end: Failure?) {
        let waiting = state.withLock { state in
            state.end = .some(end)
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
    }

    /// Why not all was read and sent, if so, once there is no more; nil, too, when the task is cancelled.
    var value: Failure? {
        get async {
            let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
            let isOver = state.withLock { state in
                if state.end == nil { state.waiting.append(continuation) }
                return state.end != nil
            }
            if !isOver { for await _ in ends {} }
            return state.withLock { $0.end ?? nil }
        }
    }
}
