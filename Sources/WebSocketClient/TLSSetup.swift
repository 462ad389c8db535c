import NIOCore
import NIOSSL

/// TLS for a client: what is checked of the server, and what a failure means.
enum TLSSetup {
    /// Makes the handler that puts TLS under a connection.
    ///
    /// - Parameters:
    ///   - url: its host is sent as server name and compared with the certificate.
    ///   - options: what is checked of the certificate.
    /// - Returns: a handler for the start of the pipeline.
    /// - Throws: `ConnectError` when a file can't be read, `NIOSSLError` when the system's certificates can't be.
    static func makeHandler(for url: WebSocketURL, _ options: ConnectOptions) throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if options.acceptsAnyCertificate { configuration.certificateVerification = .none }
        if let file = options.authorities {
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            } catch {
                throw ConnectError.unreadableFile(path: file, wanted: "PEM certificates")
            }
        }
        // Without a name the certificate is compared with the address that was reached.
        let name = isAddress(url.host) ? nil : url.host
        return try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: name)
    }

    /// Tells what a failure inside TLS means; nil for an error that is not TLS's.
    static func connectError(for error: any Error, url: WebSocketURL) -> ConnectError? {
        let text = String(describing: error)
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return .certificateNotAccepted(url: url, reason: "it was not issued for \(url.host)")
        }
        guard error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError else { return nil }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return .certificateNotAccepted(
                url: url,
                reason: "no trusted authority vouches for it, or it is out of date"
            )
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return .tls(url: url, reason: "the server does not speak TLS on this port; try ws://")
        }
        return .tls(url: url, reason: boringSSLReason(in: text))
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

    private static func isAddress(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }
}
