/// The reason why a server's certificate was rejected.
public enum CertificateFault: Error, Equatable, Sendable {
    /// The validity period ended at this time, in seconds since 1970.
    case expired(Int)
    /// The validity period starts at this time, in seconds since 1970.
    case notYetValid(Int)
    /// The certificate was issued for other names. The common name counts only if there are no alternative names, and
    /// not for an IP address.
    case wrongHost(String, names: [String], commonName: String? = nil)
    /// The certificate is self-signed and not trusted.
    case selfSigned
    /// No chain of certificates leads from the issuer to a trusted authority.
    case untrusted(issuer: String)
    /// The signature uses MD5 or SHA-1.
    case weakSignature
    /// The RSA key is shorter than 2048 bits.
    case weakKey(bits: Int)
    /// The key usage or extended key usage does not include server authentication.
    case notForServers
    /// A critical extension, given by its object identifier, is unknown (RFC 5280, section 4.2).
    case unknownCriticalExtension(String)
    /// The TLS library reported no reason.
    case unknown

    /// Determines why the TLS library rejected a certificate.
    ///
    /// - Parameters:
    ///   - certificate: the server's certificate; nil when it is not available.
    ///   - now: the current time, in seconds since 1970.
    init(rejected certificate: Certificate?, now: Int) {
        guard let certificate else {
            self = .unknown
            return
        }
        if now > certificate.notAfter {
            self = .expired(certificate.notAfter)
        } else if now < certificate.notBefore {
            self = .notYetValid(certificate.notBefore)
        } else if let identifier = certificate.unknownCriticalExtensions.first {
            self = .unknownCriticalExtension(identifier)
        } else if !certificate.isForServers {
            self = .notForServers
        } else {
            // Untried on macOS: there, the system also rejects a trusted certificate for its own reasons, such as a
            // validity of more than 825 days, and NIOSSL drops the reason.
            self = certificate.isSelfSigned ? .selfSigned : .untrusted(issuer: certificate.issuer)
        }
    }

    /// Checks a certificate for faults that the TLS library does not detect, in its names or strength. Returns nil if
    /// there are none.
    ///
    /// - Parameters:
    ///   - certificate: the server's certificate; nil when it is not available.
    ///   - host: the requested host, in ASCII.
    init?(in certificate: Certificate?, host: String) {
        guard let certificate else {
            self = .unknown
            return
        }
        if !certificate.matches(host) {
            self = .wrongHost(host, names: certificate.names, commonName: certificate.commonName)
        } else if certificate.isWeaklySigned {
            self = .weakSignature
        } else if let bits = certificate.rsaKeySize, bits < Certificate.minimumRSAKeySize {
            self = .weakKey(bits: bits)
        } else {
            return nil
        }
    }
}

extension CertificateFault: CustomStringConvertible {
    /// A description of the fault and what to do about it.
    public var description: String {
        let help = "use --ca FILE to trust another authority, or --no-check to accept any certificate"
        switch self {
        case .expired(let time):
            return "it expired on \(Certificate.day(of: time)); the server must renew it"
        case .notYetValid(let time):
            return "it is not valid before \(Certificate.day(of: time)); check the system clock"
        case .wrongHost(let host, names: [], let name?) where name == host:
            return "\(host) is only its common name, which is ignored for an address or beside other names; "
                + "the server needs a certificate with this name"
        case .wrongHost(let host, names: [], let name?):
            return
                "its common name is \(name), not \(host); --servername NAME sets the expected name"
        case .wrongHost(let host, let names, _):
            let list = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
            let wildcard =
                names.contains(where: Certificate.isUnusableWildcard)
                ? " (a wildcard must be the whole first label and have two labels after it)" : ""
            return "it was issued for \(names.isEmpty ? "no name" : list)\(wildcard), not for \(host); "
                + "--servername NAME sets the expected name"
        case .selfSigned:
            return "it is self-signed; use --ca FILE to trust it, or --no-check to accept any certificate"
        case .untrusted(let issuer):
            return "its issuer \"\(issuer)\" is not trusted, or an intermediate certificate is missing, expired or not "
                + "allowed to issue it; \(help)"
        case .weakSignature:
            return "its signature uses MD5 or SHA-1, which can be forged; the server needs a new certificate"
        case .weakKey(let bits):
            return "its RSA key is \(bits) bits long, and at least \(Certificate.minimumRSAKeySize) are required; "
                + "the server needs a new certificate"
        case .notForServers:
            return "its key usage or extended key usage does not allow servers; the server needs a new certificate"
        case .unknownCriticalExtension(let identifier):
            return "its critical extension \(identifier) is not supported; the server needs another certificate"
        case .unknown:
            return "it cannot be verified; \(help)"
        }
    }
}
