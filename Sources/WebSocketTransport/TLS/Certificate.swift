/// The fields of an X.509 certificate (RFC 5280, section 4.1) that wsline prints and checks.
public struct Certificate: Sendable, Equatable {
    /// The subject with the common name first, such as `CN=example.com, O=Example`.
    public let subject: String
    /// The issuer, in the same format as the subject.
    public let issuer: String
    /// The start of the validity period, in seconds since 1970.
    public let notBefore: Int
    /// The end of the validity period, in seconds since 1970.
    public let notAfter: Int
    /// The common name of the subject, if it has one.
    let commonName: String?
    /// The subject alternative name extension (section 4.2.1.6).
    let alternativeNames: [AlternativeName]
    /// The object identifier of the signature algorithm.
    let signatureAlgorithm: String
    /// The size of an RSA key in bits; nil for other kinds of keys.
    let rsaKeySize: Int?
    /// The object identifiers of the extended key usage extension (section 4.2.1.12); nil without that extension.
    let extendedKeyUsage: [String]?
    /// The object identifiers of the critical extensions that TLS libraries are not expected to know.
    let unknownCriticalExtensions: [String]

    /// The minimum size of an RSA key, in bits, as required by browsers and the CA/Browser Forum.
    static let minimumRSAKeySize = 2048

    /// A name of the subject alternative name extension.
    enum AlternativeName: Equatable {
        case dnsName(String)
        case address(IPAddress)
        /// A URL, an email address or another name that is not a host.
        case other
    }

    /// The DNS names and IP addresses for which the certificate was issued.
    public var names: [String] {
        alternativeNames.compactMap { name in
            switch name {
            case .dnsName(let name): name
            case .address(let address): "\(address)"
            case .other: nil
            }
        }
    }

    /// Whether the subject and issuer are the same.
    public var isSelfSigned: Bool { subject == issuer }

    /// Whether the signature uses MD5 or SHA-1, which are open to forgery.
    var isWeaklySigned: Bool {
        ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1", "1.2.840.10040.4.3"]
            .contains(signatureAlgorithm)
    }

    /// Whether the extended key usage includes server authentication, or is absent.
    var isForServers: Bool {
        let (serverAuthentication, anyUsage) = ("1.3.6.1.5.5.7.3.1", "2.5.29.37.0")
        return extendedKeyUsage?.contains { $0 == serverAuthentication || $0 == anyUsage } ?? true
    }
}

// MARK: - Names

extension Certificate {
    /// Checks whether the certificate was issued for a host (RFC 9525, section 6).
    ///
    /// - Parameter host: a DNS name in ASCII, or an IP address.
    /// - Returns: whether an alternative name matches. Without alternative names the common name counts, except for an IP
    ///   address.
    func matches(_ host: String) -> Bool {
        if let address = IPAddress(host) { return alternativeNames.contains(.address(address)) }
        if alternativeNames.isEmpty { return commonName.map { Self.name($0, matches: host) } ?? false }
        return alternativeNames.contains { name in
            if case .dnsName(let name) = name { Self.name(name, matches: host) } else { false }
        }
    }

    /// Whether a name has a wildcard that matches nothing, because it is not the whole first label or fewer than two
    /// labels follow, as in `*` and `*.com`.
    static func isUnusableWildcard(_ name: String) -> Bool {
        guard name.contains("*") else { return false }
        let labels = labels(name)
        return labels.count < 3 || labels[0] != "*" || labels.dropFirst().contains { $0.isEmpty || $0.contains("*") }
    }

    private static func name(_ name: String, matches host: String) -> Bool {
        let (pattern, labels) = (labels(name), labels(host))
        guard pattern.count == labels.count, !labels.contains("") else { return false }
        if !name.contains("*") { return pattern == labels }
        return !isUnusableWildcard(name) && pattern.dropFirst() == labels.dropFirst()
    }

    /// Returns the labels of a DNS name in lowercase, without the root label.
    private static func labels(_ name: String) -> [Substring] {
        let name = name.lowercased()
        return (name.hasSuffix(".") ? name.dropLast() : name[...]).split(
            separator: ".",
            omittingEmptySubsequences: false
        )
    }
}

// MARK: - Dates

extension Certificate {
    /// Formats a time as a date in UTC.
    ///
    /// - Parameter seconds: the time, in seconds since 1970.
    /// - Returns: the date, such as 2026-01-31.
    public static func day(of seconds: Int) -> String {
        // Years start in March here, so that the leap day is the last day; eras have 400 years.
        let days = Int((Double(seconds) / 86400).rounded(.down)) + 719_468
        let era = Int((Double(days) / 146_097).rounded(.down))
        let dayOfEra = days - era * 146_097
        let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        func digits(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(era * 400 + year + (month > 9 ? 1 : 0))-\(digits(month > 9 ? month - 9 : month + 3))-\(digits(day))"
    }

    /// Returns the seconds since 1970 for a date and time in UTC.
    static func seconds(year: Int, month: Int, day: Int, hours: Int, minutes: Int, seconds: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    }
}
