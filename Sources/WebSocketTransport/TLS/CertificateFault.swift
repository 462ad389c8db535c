/// The reason a server's certificate is rejected.
public enum CertificateFault: Error, Equatable, Sendable {
    /// The validity period ended at this time, in seconds since 1970.
    case expired(Int)
    /// The validity period begins at this time, in seconds since 1970.
    case notYetValid(Int)
    /// The certificate was issued for other names. Without alternative names the common name counts, except for an IP
    /// address.
    case wrongHost(String, names: [String], commonName: String? = nil)
    /// The certificate is self-signed and not trusted.
    case selfSigned
    /// No chain leads from the issuer to a trusted authority.
    case untrusted(issuer: String)
    /// The signature uses MD5 or SHA-1.
    case weakSignature
    /// The RSA key has this many bits, fewer than 2048.
    case weakKey(bits: Int)
    /// The key usage or extended key usage does not include servers.
    case notForServers
    /// A critical extension, given by its object identifier, is unknown, so that the certificate must be rejected (RFC
    /// 5280, section 4.2).
    case unknownCriticalExtension(String)
    /// The certificate is rejected for a reason that the TLS library does not report.
    case unknown

    /// Finds the fault of a certificate that the TLS library rejected.
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
            self = certificate.isSelfSigned ? .selfSigned : .untrusted(issuer: certificate.issuer)
        }
    }

    /// Finds a fault that the TLS library does not look for, in the names or the strength of a certificate; fails when there
    /// is none.
    ///
    /// - Parameters:
    ///   - certificate: the server's certificate; nil when it is not available.
    ///   - host: the host that was meant, in ASCII.
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
    /// The fault and what to do about it.
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
