import SwiftASN1

extension Certificate {
    /// Decodes a certificate. Returns nil when the bytes are not a certificate.
    ///
    /// - Parameter bytes: the certificate in DER.
    init?(_ bytes: [UInt8]) {
        guard let outer = try? DER.parse(bytes).children, outer.count == 3,
            let algorithm = outer[1].children.first?.objectIdentifier
        else { return nil }
        // Version 1 certificates omit the version.
        let hasVersion = outer[0].children.first?.identifier.tagClass == .contextSpecific
        let parts = Array(outer[0].children.dropFirst(hasVersion ? 1 : 0))
        guard parts.count >= 6 else { return nil }
        let times = parts[3].children.compactMap(\.seconds)
        guard times.count == 2 else { return nil }
        let extensions =
            parts.dropFirst(6).first { $0.identifier == .init(tagWithNumber: 3, tagClass: .contextSpecific) }
            .flatMap { $0.children.first?.children.compactMap(Extension.init) } ?? []
        func value(of identifier: String) -> ASN1Node? {
            extensions.first { $0.identifier == identifier }.flatMap { try? DER.parse($0.value) }
        }
        let subject = Self.nameParts(parts[4])
        self.init(
            subject: Self.joined(subject),
            issuer: Self.joined(Self.nameParts(parts[2])),
            notBefore: times[0],
            notAfter: times[1],
            commonName: subject.first { $0.label == "CN" }?.value,
            alternativeNames: value(of: Extension.subjectAlternativeName)?.children.map(\.alternativeName) ?? [],
            signatureAlgorithm: algorithm,
            rsaKeySize: parts[5].rsaKeySize,
            extendedKeyUsage: value(of: Extension.extendedKeyUsage)?.children.compactMap(\.objectIdentifier),
            unknownCriticalExtensions: extensions.filter { $0.isCritical && !Extension.known.contains($0.identifier) }
                .map(\.identifier)
        )
    }

    /// Returns the attributes of a distinguished name, in order.
    private static func nameParts(_ node: ASN1Node) -> [(label: String, value: String)] {
        let labels = [
            "2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
        ]
        return node.children.flatMap(\.children).compactMap { pair in
            guard pair.children.count == 2, let identifier = pair.children[0].objectIdentifier else { return nil }
            return (labels[identifier] ?? identifier, pair.children[1].text)
        }
    }

    private static func joined(_ parts: [(label: String, value: String)]) -> String {
        (parts.filter { $0.label == "CN" } + parts.filter { $0.label != "CN" }).map { "\($0.label)=\($0.value)" }
            .joined(separator: ", ")
    }
}

/// An extension of a certificate (RFC 5280, section 4.2).
private struct Extension {
    static let subjectAlternativeName = "2.5.29.17"
    static let extendedKeyUsage = "2.5.29.37"
    /// Other than the first, these are key usage, basic constraints, name constraints, certificate policies, policy
    /// mappings, policy constraints and "inhibit anyPolicy", which RFC 5280, section 4.2, requires every library to
    /// recognize.
    static let known = [
        subjectAlternativeName, extendedKeyUsage, "2.5.29.15", "2.5.29.19", "2.5.29.30", "2.5.29.32", "2.5.29.33",
        "2.5.29.36", "2.5.29.54",
    ]

    let identifier: String
    let isCritical: Bool
    let value: ArraySlice<UInt8>

    init?(_ node: ASN1Node) {
        guard let identifier = node.children.first?.objectIdentifier, let last = node.children.last,
            let value = try? ASN1OctetString(derEncoded: last)
        else { return nil }
        self.identifier = identifier
        isCritical = node.children.count == 3 && (try? Bool(derEncoded: node.children[1])) == true
        self.value = value.bytes
    }
}

extension ASN1Node {
    /// The child nodes of a constructed node; empty for a primitive one.
    fileprivate var children: [ASN1Node] {
        guard case .constructed(let nodes) = content else { return [] }
        return Array(nodes)
    }

    private var bytes: ArraySlice<UInt8> {
        guard case .primitive(let bytes) = content else { return [] }
        return bytes
    }

    fileprivate var objectIdentifier: String? { (try? ASN1ObjectIdentifier(derEncoded: self)).map { "\($0)" } }

    /// The text of a string node of any type. UTF-16, which is rare, is not supported.
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The time of a UTCTime or GeneralizedTime node, in seconds since 1970.
    fileprivate var seconds: Int? {
        if let time = try? UTCTime(derEncoded: self) {
            return Certificate.seconds(
                year: time.year,
                month: time.month,
                day: time.day,
                hours: time.hours,
                minutes: time.minutes,
                seconds: time.seconds
            )
        }
        guard let time = try? GeneralizedTime(derEncoded: self) else { return nil }
        return Certificate.seconds(
            year: time.year,
            month: time.month,
            day: time.day,
            hours: time.hours,
            minutes: time.minutes,
            seconds: time.seconds
        )
    }

    /// The node as a name of the subject alternative name extension.
    fileprivate var alternativeName: Certificate.AlternativeName {
        switch identifier {
        case .init(tagWithNumber: 2, tagClass: .contextSpecific): .dnsName(text)
        case .init(tagWithNumber: 7, tagClass: .contextSpecific): IPAddress(bytes: bytes).map { .address($0) } ?? .other
        default: .other
        }
    }

    /// The size of the RSA key in a SubjectPublicKeyInfo node, in bits (RFC 3279, section 2.3.1); nil for other kinds
    /// of keys.
    fileprivate var rsaKeySize: Int? {
        guard children.count == 2, let algorithm = children[0].children.first?.objectIdentifier,
            ["1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"].contains(algorithm),
            let key = try? ASN1BitString(derEncoded: children[1]),
            let modulus = try? DER.parse(key.bytes).children.first
        else { return nil }
        let digits = modulus.bytes.drop { $0 == 0 }
        return digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
    }
}
