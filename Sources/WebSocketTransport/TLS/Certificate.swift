import SwiftASN1

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What stands in a certificate (RFC 5280, section 4.1), as far as people are told of it.
public struct Certificate: Sendable, Equatable {
    /// Whom it was issued to: `CN=example.com, O=Example`.
    public let subject: String
    /// Who issued it.
    public let issuer: String
    /// The names and addresses that it is good for.
    public let names: [String]
    /// From when on it is good, in seconds since 1970.
    public let notBefore: Int
    /// Until when it is good, in seconds since 1970.
    public let notAfter: Int
    /// How it is signed, as an object identifier.
    let signatureAlgorithm: String

    /// The name of the subject, if it has one.
    var commonName: String? {
        subject.hasPrefix("CN=") ? String(subject.dropFirst(3).prefix { $0 != "," }) : nil
    }

    /// Whether it vouches for itself.
    public var isSelfSigned: Bool { subject == issuer }

    /// Whether it is signed with SHA-1 or MD5, which prove nothing any more.
    var isWeaklySigned: Bool {
        ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1", "1.2.840.10040.4.3"]
            .contains(signatureAlgorithm)
    }

    /// Reads a certificate; nil when it is none.
    ///
    /// - Parameter bytes: it, encoded as DER.
    init?(_ bytes: [UInt8]) {
        guard let outer = try? Self.children(of: DER.parse(bytes)), outer.count == 3,
            var fields = try? Self.children(of: outer[0])[...],
            let algorithm = try? Self.children(of: outer[1]).first,
            let identifier = try? ASN1ObjectIdentifier(derEncoded: algorithm)
        else { return nil }
        signatureAlgorithm = "\(identifier)"
        // The version is left out for the first.
        if fields.first?.identifier.tagClass == .contextSpecific { fields = fields.dropFirst() }
        guard fields.count >= 6 else { return nil }
        let start = fields.startIndex
        issuer = Self.name(fields[start + 2])
        subject = Self.name(fields[start + 4])
        let times = (try? Self.children(of: fields[start + 3])) ?? []
        guard times.count == 2, let from = Self.time(times[0]), let to = Self.time(times[1]) else { return nil }
        (notBefore, notAfter) = (from, to)
        names = fields.dropFirst(6).flatMap(Self.alternativeNames)
    }

    private static func children(of node: ASN1Node) throws -> [ASN1Node] {
        guard case .constructed(let nodes) = node.content else { throw ASN1Error.unexpectedFieldType(node.identifier) }
        return Array(nodes)
    }

    /// The text of a string of any kind; those in UTF-16 are rare and shown as they come.
    private static func text(_ node: ASN1Node) -> String {
        guard case .primitive(let bytes) = node.content else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A distinguished name, the common name first.
    private static func name(_ node: ASN1Node) -> String {
        let labels = [
            "2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
        ]
        var parts: [String] = []
        for set in (try? children(of: node)) ?? [] {
            for pair in (try? children(of: set)) ?? [] {
                guard let fields = try? children(of: pair), fields.count == 2,
                    let identifier = try? ASN1ObjectIdentifier(derEncoded: fields[0])
                else { continue }
                let part = "\(labels["\(identifier)"] ?? "\(identifier)")=\(text(fields[1]))"
                if part.hasPrefix("CN=") { parts.insert(part, at: 0) } else { parts.append(part) }
            }
        }
        return parts.joined(separator: ", ")
    }

    private static func time(_ node: ASN1Node) -> Int? {
        var parts = tm()
        if let time = try? UTCTime(derEncoded: node) {
            (parts.tm_year, parts.tm_mon, parts.tm_mday) = (
                Int32(time.year - 1900), Int32(time.month - 1), Int32(time.day)
            )
            (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(time.hours), Int32(time.minutes), Int32(time.seconds))
        } else if let time = try? GeneralizedTime(derEncoded: node) {
            (parts.tm_year, parts.tm_mon, parts.tm_mday) = (
                Int32(time.year - 1900), Int32(time.month - 1), Int32(time.day)
            )
            (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(time.hours), Int32(time.minutes), Int32(time.seconds))
        } else {
            return nil
        }
        return timegm(&parts)
    }

    /// What an extension says of the names; none when it is another extension.
    private static func alternativeNames(_ extensions: ASN1Node) -> [String] {
        let subjectAlternativeName = "2.5.29.17"
        guard extensions.identifier == ASN1Identifier(tagWithNumber: 3, tagClass: .contextSpecific),
            let list = try? children(of: extensions).first, let items = try? children(of: list)
        else { return [] }
        for item in items {
            guard let fields = try? children(of: item), let first = fields.first, let last = fields.last,
                let identifier = try? ASN1ObjectIdentifier(derEncoded: first),
                "\(identifier)" == subjectAlternativeName,
                let value = try? ASN1OctetString(derEncoded: last),
                let names = try? children(of: DER.parse(value.bytes))
            else { continue }
            return names.compactMap(alternativeName)
        }
        return []
    }

    private static func alternativeName(_ node: ASN1Node) -> String? {
        guard case .primitive(let bytes) = node.content else { return nil }
        switch (node.identifier.tagNumber, bytes.count) {
        case (2, _): return String(decoding: bytes, as: UTF8.self)
        case (7, 4): return bytes.map(String.init).joined(separator: ".")
        case (7, 16):
            let groups = stride(from: 0, to: 16, by: 2).map { offset in
                String(
                    UInt16(bytes[bytes.startIndex + offset]) << 8 | UInt16(bytes[bytes.startIndex + offset + 1]),
                    radix: 16
                )
            }
            return groups.joined(separator: ":")
        default: return nil
        }
    }
}

extension Certificate {
    /// Writes a day as 2026-01-31.
    ///
    /// - Parameter seconds: since 1970.
    /// - Returns: the day in UTC.
    public static func day(of seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func digits(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(parts.tm_year + 1900)-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
    }
}
