public import NIOCore
public import NIOHTTP1

/// A client that was not accepted.
public struct RejectedClient: Sendable {
    /// Why it was not.
    public enum Reason: Sendable {
        /// It was answered with this status, for this reason.
        case refused(status: Int, reason: String)
        /// TLS did not come about.
        case tls(String)
        /// It ended the connection before it was answered: what the system said, nil when it just ended it.
        case ended(String?)
    }

    /// Where it came from, as far as the system knows.
    public var address: SocketAddress?
    /// Why it was not accepted.
    public var reason: Reason
    /// What it asked, if it did.
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
