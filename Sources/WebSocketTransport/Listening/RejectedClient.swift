public import NIOCore
public import NIOHTTP1

/// A client that a server did not accept.
public struct RejectedClient: Sendable {
    /// The reason why a client is not accepted.
    public enum Reason: Sendable {
        /// The server responded with this status and reason.
        case refused(status: Int, reason: String)
        /// The TLS handshake failed for this reason.
        case tls(String)
        /// The client ended the connection before the response; the system's error, or nil.
        case ended(String?)
    }

    /// The address of the client, if it is known.
    public var address: SocketAddress?
    /// The reason.
    public var reason: Reason
    /// The client's request, if it was received.
    public var request: HTTPRequestHead?

    init(_ address: SocketAddress?, _ error: any Error) {
        self.address = address
        switch error as? AcceptHandler.Failure {
        case .rejected(let rejection, let request):
            reason = .refused(status: Int(rejection.status.code), reason: rejection.words ?? rejection.reason)
            self.request = request
        case .transport(let error): reason = TLSSetup.clientFault(in: error).map(Reason.tls) ?? .ended(describe(error))
        case .ended, nil: reason = .ended(nil)
        }
    }
}
