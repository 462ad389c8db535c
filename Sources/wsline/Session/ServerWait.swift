import NIOCore
import NIOHTTP1
import NIOPosix
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// A type that waits until a server accepts an opening handshake.
struct ServerWait {
    static let defaultLimit = Duration.seconds(30)

    let url: WebSocketURL
    let configuration: ConnectionConfiguration
    /// The maximum time to wait.
    let limit: Duration
    /// Whether a server that responds with 401 or 403 also counts as ready.
    var acceptsUnauthorized = false

    private static let longestPause = Duration.seconds(1)
    /// The maximum time to wait for the server's Close.
    private static let grace = TimeAmount.seconds(1)

    /// Tries to connect until the server accepts or the time limit is reached.
    ///
    /// - Throws: `Failure` with the reason of the last failed attempt.
    func run() async throws {
        let end = ContinuousClock.now + limit
        var pause = Duration.milliseconds(50)
        var reason: Failure?
        while true {
            let failure: Failure
            do {
                try await attempt(within: end - .now)
                return
            } catch let error as ConnectError {
                if acceptsUnauthorized, case .refused(_, let refusal) = error,
                    [401, 403].contains(refusal.response.status.code)
                {
                    return
                }
                guard error.mayChange else { throw Failure(error) }
                // The time limit interrupts the last attempt, so the error of an earlier one is more informative.
                if case .timedOut = error, let reason { failure = reason } else { failure = Failure(error) }
                reason = failure
            }
            guard .now + pause < end else {
                throw Failure(
                    .timedOut,
                    "\(url) is not ready after \(Seconds.words(limit)) (--for): \(failure.message)",
                    details: failure.details
                )
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func attempt(within rest: Duration) async throws {
        var configuration = configuration
        let rest = TimeAmount.nanoseconds(Int64(max(rest, .milliseconds(1)) / .nanoseconds(1)))
        configuration.connectTimeout = min(configuration.connectTimeout, rest)
        let dialer = Dialer(group: MultiThreadedEventLoopGroup.singleton, options: configuration)
        try await dialer.withConnection(to: url) { connection in
            connection.close(.normal, within: Self.grace)
            // The server has accepted, no matter how the connection ends.
            do {
                for try await inbound in connection.inbound where inbound.outcome != nil { break }
            } catch {}
        }
    }
}

extension ConnectError {
    /// Whether another attempt may succeed without changes on the client side.
    fileprivate var mayChange: Bool {
        switch self {
        case .badProxy, .unreadableFile, .cancelled, .http2(_, .requiresTLS): false
        case .refused, .proxy, .nameNotResolved, .unreachable, .timedOut, .credentialCommand, .certificateNotAccepted,
            .clientCertificateNotAccepted, .tls, .badRedirect, .tooManyRedirects, .redirectedToPlain, .invalidUpgrade,
            .unreadableAnswer, .http2, .endedEarly:
            true
        }
    }
}
