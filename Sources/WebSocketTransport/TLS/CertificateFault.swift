/// Why a server's certificate was not accepted.
public enum CertificateFault: Error, Equatable, Sendable {
    /// It was good until this time, in seconds since 1970.
    case expired(Int)
    /// It is good from this time on.
    case notYetValid(Int)
    /// It was issued for other names; without any, the common name counts, but for an address.
    case wrongHost(String, names: [String], commonName: String? = nil)
    /// It vouches for itself.
    case selfSigned
    /// Nobody whom we trust vouches for who issued it, or what leads there was not sent.
    case untrusted(issuer: String)
    /// It is signed in a way that proves nothing any more.
    case weakSignature
    /// The library says no more than that.
    case unknown

    /// Finds the fault of a certificate that the library refused.
    ///
    /// - Parameters:
    ///   - certificate: the server's; nil when it can't be had.
    ///   - now: in seconds since 1970.
    init(refused certificate: Certificate?, now: Int) {
        guard let certificate else {
            self = .unknown
            return
        }
        if now > certificate.notAfter {
            self = .expired(certificate.notAfter)
        } else if now < certificate.notBefore {
            self = .notYetValid(certificate.notBefore)
        } else {
            self = certificate.isSelfSigned ? .selfSigned : .untrusted(issuer: certificate.issuer)
        }
    }
}

extension CertificateFault: CustomStringConvertible {
    /// What is wrong, and what to try.
    public var description: String {
        let help = "--ca FILE trusts another authority, --no-check takes any certificate"
        switch self {
        case .expired(let time): return "it expired on \(Certificate.day(of: time)); the server needs a new one"
        case .notYetValid(let time): return "it is not valid before \(Certificate.day(of: time)); is the clock right?"
        case .wrongHost(let host, names: [], let name?) where name == host:
            return
                "it has \(host) as its common name only, where an address does not count; the server needs another one"
        case .wrongHost(let host, names: [], let name?):
            return "it was issued for \(name), by its common name, not for \(host); --servername NAME looks for another"
        case .wrongHost(let host, let names, _):
            let shown =
                names.isEmpty ? "no name" : names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
            return "it was issued for \(shown), not for \(host); --servername NAME looks for another name"
        case .selfSigned: return "it is self-signed; --ca FILE trusts it, --no-check takes any certificate"
        case .untrusted(let issuer):
            return
                "its issuer \"\(issuer)\" is not trusted, or the server did not send what leads to one that is; \(help)"
        case .weakSignature: return "it is signed with SHA-1 or MD5, which proves nothing; the server needs a new one"
        case .unknown: return "no trusted authority vouches for it; \(help)"
        }
    }
}
