import NIOCore
import NIOSSL

/// The reason why a proxy did not connect to the server.
public enum ProxyFailure: Error, Sendable {
    /// The proxy responded to CONNECT with a status other than 2xx.
    case refused(Refusal)
    /// The SOCKS proxy cannot reach the server, and replied with this reason (RFC 1928, section 6).
    case unreachable(String)
    /// The proxy requires a user name and password, or rejected them.
    case notAllowed
    /// The proxy's response is invalid for this reason.
    case unreadable(String)
    /// The proxy closed the connection.
    case ended(reason: String?)
    /// The proxy's certificate was rejected.
    case certificateNotAccepted(CertificateFault)
    /// The TLS handshake with the proxy failed for this reason.
    case tls(String)

    /// Creates a failure from an error of the transport.
    init(transport error: any Error) {
        if let failure = error as? ProxyFailure {
            self = failure
        } else if let fault = error as? CertificateFault {
            self = .certificateNotAccepted(fault)
        } else if let reason = TLSSetup.reason(of: error) {
            self = .tls(reason)
        } else {
            self = .ended(reason: describe(error))
        }
    }
}
