import NIOCore
import NIOSSL

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// TLS for either side: what is shown and checked, and what a failure means.
enum TLSSetup {
    /// Makes the handler that puts TLS under a connection.
    ///
    /// - Parameters:
    ///   - host: sent as server name and compared with the certificate, unless the options have another.
    ///   - options: what is checked of the certificate.
    /// - Returns: a handler for the start of the pipeline.
    /// - Throws: `ConnectError` when a file can't be read, `NIOSSLError` when the system's certificates can't be.
    static func makeHandler(for host: String, _ options: TLSOptions) throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = options.minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if options.acceptsAnyCertificate {
            configuration.certificateVerification = .none
            configuration.trustRoots = .certificates([])
        } else {
            try setAuthorities(options.authorities, in: &configuration)
        }
        if let identity = options.identity {
            configuration.certificateChain = identity.certificates.map { .certificate($0) }
            configuration.privateKey = .privateKey(identity.key)
        }
        if let file = options.keyLog {
            configuration.keyLogCallback = { line in append(line, to: file) }
        }
        // Without a name the certificate is compared with the address that was reached.
        let wanted = options.serverName ?? host
        let name = isAddress(wanted) ? nil : wanted
        return try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: name)
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

    /// Reads the certificates in a folder; what is none is passed over, as OpenSSL does.
    private static func certificates(inFolder folder: String) -> [NIOSSLCertificate] {
        guard let entries = opendir(folder) else { return [] }
        defer { closedir(entries) }
        var certificates = Set<NIOSSLCertificate>()
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            certificates.formUnion((try? NIOSSLCertificate.fromPEMFile("\(folder)/\(name)")) ?? [])
        }
        return Array(certificates)
    }

    /// Reads a file of certificates (PEM).
    ///
    /// - Throws: `ConnectError.unreadableFile`.
    static func certificates(in file: String) throws(ConnectError) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(file), !certificates.isEmpty else {
            throw .unreadableFile(path: file, wanted: "PEM certificates")
        }
        return certificates
    }

    /// Appends to a file that only its owner can read; who asked for it by a variable is not kept from connecting by it.
    private static func append(_ line: ByteBuffer, to file: String) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        line.withUnsafeReadableBytes { _ = write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    /// Makes what puts TLS under the connections of a server.
    ///
    /// - Throws: `NIOSSLError` for a key that does not belong to the certificate.
    static func serverContext(for identity: TLSIdentity) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: identity.certificates.map { .certificate($0) },
            privateKey: .privateKey(identity.key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    /// Tells in words what a client did that TLS did not come about with; nil for an error that is not TLS's.
    static func clientFault(in error: any Error) -> String? {
        guard error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError else { return nil }
        if case NIOSSLError.uncleanShutdown = error { return nil }
        let text = String(describing: error)
        if text.contains("EOF during handshake") { return "it broke off; perhaps it does not accept our certificate" }
        if text.contains("HTTP_REQUEST") { return "it speaks no TLS, and this is wss://" }
        if text.contains("WRONG_VERSION_NUMBER") { return "what it sent is not TLS" }
        if isAboutClientCertificate(error) { return "it does not accept our certificate: \(boringSSLReason(in: text))" }
        // OpenSSL sends the alert with which it refuses a certificate in the clear, where BoringSSL expects it encrypted.
        if text.contains("BAD_PACKET_LENGTH") { return "it broke off; perhaps it does not accept our certificate" }
        return boringSSLReason(in: text)
    }

    /// Tells in words what a failure inside TLS means; nil for an error that is not TLS's.
    static func reason(of error: any Error) -> String? {
        guard error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError else { return nil }
        switch error {
        case NIOSSLError.failedToLoadCertificate:
            return
                "the system's trusted certificates cannot be read (is ca-certificates installed?); --ca FILE names others"
        case NIOSSLError.uncleanShutdown:
            return "the server ended it at once; perhaps it wants a client certificate: --cert FILE"
        default: break
        }
        let text = String(describing: error)
        if text.contains("EOF during handshake") {
            return
                "the server ended the connection meanwhile; perhaps it speaks no TLS that is accepted here (--tls-min)"
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return "the server does not speak TLS on this port; try ws://"
        }
        if text.contains("PROTOCOL_VERSION") || text.contains("UNSUPPORTED_PROTOCOL") {
            return "the server speaks no version of TLS that is accepted here (1.2 and 1.3, or what --tls-min says)"
        }
        return boringSSLReason(in: text)
    }

    /// Whether an error says that the server wants another certificate of ours, or any.
    static func isAboutClientCertificate(_ error: any Error) -> Bool {
        let text = String(describing: error)
        return [
            "CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "ALERT_CERTIFICATE_UNKNOWN",
            "ALERT_CERTIFICATE_EXPIRED", "ALERT_UNSUPPORTED_CERTIFICATE", "ALERT_CERTIFICATE_REVOKED",
            "ALERT_ACCESS_DENIED",
        ].contains { text.contains($0) }
    }

    /// Finds the words of BoringSSL in what NIOSSL makes of an error, such as "handshake failure on client hello".
    private static func boringSSLReason(in text: String) -> String {
        guard let range = text.firstRange(of: "OPENSSL_internal:") else { return text }
        let reason = text[range.upperBound...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
        return reason.lowercased().replacing("_", with: " ")
    }

    /// A version's name as people write it.
    static func name(of version: TLSVersion) -> String {
        switch version {
        case .tlsv1: "TLS 1.0"
        case .tlsv11: "TLS 1.1"
        case .tlsv12: "TLS 1.2"
        case .tlsv13: "TLS 1.3"
        }
    }

    static func isAddress(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }
}
