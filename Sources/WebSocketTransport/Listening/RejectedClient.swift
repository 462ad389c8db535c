public import NIOCore
public import NIOHTTP1

/// A client that a server rejected.
public struct RejectedClient: Sendable {
    /// The reason for rejecting a client.
    public enum Reason: Sendable {
        /// The server responded with this status and reason.
        case refused(status: Int, reason: String)
        /// The TLS handshake failed for this reason.
        case tls(String)
        /// The client closed the connection before the response, or it failed with this system error.
        case ended(String?)
    }

    /// The address of the client, if known.
    public var address: SocketAddress?
    /// The reason.
    public var reason: Reason
    /// The client's request, if it was received completely.
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
