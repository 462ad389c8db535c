import NIOCore
import NIOSSL

/// Why a proxy led nowhere.
public enum ProxyFailure: Error, Sendable {
    /// It answered CONNECT with another status than 2xx.
    case refused(Refusal)
    /// A SOCKS proxy says that it can't reach the server; its words.
    case unreachable(String)
    /// It wants another name or password, or any.
    case notAllowed
    /// What it answered can't be read; why.
    case unreadable(String)
    /// It ended the connection.
    case ended(reason: String?)
    /// Its certificate was not accepted.
    case certificateNotAccepted(CertificateFault)
    /// TLS with it failed for another reason.
    case tls(String)

    /// Tells what an error of the transport means.
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
