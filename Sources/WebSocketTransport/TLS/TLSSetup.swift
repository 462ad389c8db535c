import NIOCore
import NIOSSL

import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Creates the TLS configuration of clients and servers.
enum TLSSetup {
    /// The signature algorithms to accept from a server: BoringSSL's defaults without SHA-1, plus P-521 and Ed25519.
    /// BoringSSL supports neither Ed448 nor DSA.
    private static let signatureAlgorithms: [SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .ed25519, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
        .rsaPkcs1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha512, .rsaPkcs1Sha512,
    ]

    /// The supported types of keys in certificates.
    static let keyTypes = "RSA, P-256, P-384, P-521 or Ed25519"

    /// NIOSSL's default groups, plus P-521, which TLS 1.2 requires for a P-521 certificate (RFC 8422, section 5.1).
    private static let groups: [NIOTLSCurve] = [.x25519_MLKEM768, .x25519, .secp256r1, .secp384r1, .secp521r1]

    /// Returns the TLS handler of a client. It verifies the certificate chain but not the host, which
    /// `TLSHandshakeHandler` does.
    ///
    /// - Parameters:
    ///   - host: the server's name in ASCII, or its address; sent as the server name unless `options` has another.
    ///   - options: the TLS configuration.
    /// - Returns: a handler for the start of the pipeline.
    /// - Throws: `ConnectError` when a file cannot be read, `NIOSSLError` when the system's certificates cannot.
    static func makeHandler(for host: String, _ options: TLSOptions) throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = options.minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        configuration.applicationProtocols = options.offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        configuration.verifySignatureAlgorithms = signatureAlgorithms
        configuration.curves = groups
        if options.acceptsAnyCertificate {
            configuration.certificateVerification = .none
            configuration.trustRoots = .certificates([])
        } else {
            // NIOSSL compares an IP address with the channel's, which may be a proxy's, and accepts "*" as a wildcard.
            configuration.certificateVerification = .noHostnameVerification
            try setAuthorities(options.authorities, in: &configuration)
        }
        if let identity = options.identity {
            configuration.certificateChain = identity.certificates.map { .certificate($0) }
            configuration.privateKey = .privateKey(identity.key)
        }
        if let file = options.keyLog {
            configuration.keyLogCallback = { line in append(line, to: file) }
        }
        let name = expectedHost(host, options)
        return try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: configuration),
            // An IP address must not be sent as the server name (RFC 6066, section 3).
            serverHostname: IPAddress(name) == nil ? name : nil
        )
    }

    /// Returns the host for which the certificate must have been issued.
    static func expectedHost(_ host: String, _ options: TLSOptions) -> String {
        let host = options.serverName ?? host
        return host.contains(":") ? String(host.prefix { $0 != "%" }) : host
    }

    private static func setAuthorities(
        _ authorities: TLSOptions.Authorities,
        in configuration: inout TLSConfiguration
    ) throws(ConnectError) {
        switch authorities {
        case .system: break
        case .file(let file): configuration.trustRoots = .certificates(try certificates(in: file))
        case .environment(let file, let folders):
            var roots: [NIOSSLCertificate] = []
            if let file { roots += try certificates(in: file) }
            for folder in folders { roots += certificates(inFolder: folder) }
            configuration.trustRoots = .certificates(roots)
        }
    }

    /// Returns the certificates in a folder. Like OpenSSL, it skips other files.
    private static func certificates(inFolder folder: String) -> [NIOSSLCertificate] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Array(Set(names.flatMap { (try? NIOSSLCertificate.fromPEMFile("\(folder)/\($0)")) ?? [] }))
    }

    /// Reads the certificates in a PEM file.
    ///
    /// - Throws: `ConnectError.unreadableFile`.
    static func certificates(in file: String) throws(ConnectError) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(file), !certificates.isEmpty else {
            throw .unreadableFile(path: file, wanted: "PEM certificates", reason: PEMFile.certificateFault(in: file))
        }
        return certificates
    }

    /// Appends a line to the key log, which only its owner can read. Errors do not prevent the connection.
    private static func append(_ line: ByteBuffer, to file: String) {
        let file = try? FileDescriptor.open(
            FilePath(file),
            .writeOnly,
            options: [.create, .append, .closeOnExec],
            permissions: .ownerReadWrite
        )
        _ = try? file?.closeAfter { try file?.writeAll(line.readableBytesView) }
    }

    /// Creates the TLS context of a server.
    ///
    /// - Parameters:
    ///   - identity: the server's certificate.
    ///   - offersHTTP2: whether to offer HTTP/2.
    /// - Returns: the context.
    /// - Throws: `NIOSSLError` when the key does not match the certificate.
    static func serverContext(for identity: TLSIdentity, offersHTTP2: Bool) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: identity.certificates.map { .certificate($0) },
            privateKey: .privateKey(identity.key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    /// Returns a description of a handshake error caused by a client; nil if TLS is not the cause.
    static func clientFault(in error: any Error) -> String? {
        guard error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError else { return nil }
        if case NIOSSLError.uncleanShutdown = error { return nil }
        let text = String(describing: error)
        if text.contains("EOF during handshake") {
            return "it ended the handshake; it may not accept the server's certificate"
        }
        if text.contains("HTTP_REQUEST") { return "it does not use TLS; connect with wss://" }
        if text.contains("WRONG_VERSION_NUMBER") { return "it does not use TLS" }
        if isAboutClientCertificate(error) {
            return "it rejects the server's certificate: \(boringSSLReason(in: text))"
        }
        // OpenSSL sends the alert that rejects a certificate unencrypted, while BoringSSL expects it encrypted.
        if text.contains("BAD_PACKET_LENGTH") {
            return "it ended the handshake; it may not accept the server's certificate"
        }
        return boringSSLReason(in: text)
    }

    /// Returns a description of a TLS error with a server; nil if TLS is not the cause.
    static func reason(of error: any Error) -> String? {
        guard error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError else { return nil }
        switch error {
        case NIOSSLError.failedToLoadCertificate, BoringSSLError.unknownError([]):
            // NIOSSL throws the second one if there are neither files nor folders of certificates.
            return "cannot read the system's trusted certificates; install ca-certificates, or use --ca FILE"
        case NIOSSLError.uncleanShutdown:
            return "the server closed the connection immediately; if it requires a client certificate, use --cert FILE"
        default: break
        }
        let text = String(describing: error)
        let supported = "TLS 1.2 and 1.3 (--tls-min) with \(keyTypes) keys are supported"
        if text.contains("EOF during handshake") || text.contains("HANDSHAKE_FAILURE") {
            let how = text.contains("EOF") ? "closed the connection during" : "rejected"
            return "the server \(how) the handshake; \(supported); it may require a client certificate (--cert FILE)"
                + (text.contains("EOF") ? ", or have no TLS (ws://)" : "")
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return "the server does not speak TLS on this port; try ws://"
        }
        if text.contains("PROTOCOL_VERSION") || text.contains("UNSUPPORTED_PROTOCOL") {
            return "the server offers an older version; \(supported)"
        }
        // A server that sends an alert uses TLS.
        let reason = boringSSLReason(in: text)
        return text.contains("ALERT") ? reason : reason + "; if the server has no TLS, use ws://"
    }

    /// Whether an error is the peer's alert about this side's certificate or its absence.
    static func isAboutClientCertificate(_ error: any Error) -> Bool {
        let text = String(describing: error)
        return [
            "CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "ALERT_CERTIFICATE_UNKNOWN",
            "ALERT_CERTIFICATE_EXPIRED", "ALERT_UNSUPPORTED_CERTIFICATE", "ALERT_CERTIFICATE_REVOKED",
            "ALERT_ACCESS_DENIED",
        ].contains { text.contains($0) }
    }

    /// Extracts BoringSSL's reason, such as "bad decrypt", from the description of a NIOSSL error.
    private static func boringSSLReason(in text: String) -> String {
        guard let range = text.firstRange(of: "OPENSSL_internal:") else { return text }
        let reason = text[range.upperBound...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
        return reason.lowercased().replacing("_", with: " ")
    }

    /// Returns the common name of a TLS version.
    static func name(of version: TLSVersion) -> String {
        switch version {
        case .tlsv1: "TLS 1.0"
        case .tlsv11: "TLS 1.1"
        case .tlsv12: "TLS 1.2"
        case .tlsv13: "TLS 1.3"
        }
    }
}
