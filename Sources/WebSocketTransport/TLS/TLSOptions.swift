/// The configuration of TLS with a server.
public struct TLSOptions: Sendable {
    /// The source of trusted certificate authorities.
    public enum Authorities: Sendable, Equatable {
        /// The system's authorities.
        case system
        /// A PEM file of certificates.
        case file(String)
        /// A PEM file and folders of PEM files, as in `SSL_CERT_FILE` and `SSL_CERT_DIR`.
        case environment(file: String?, folders: [String])
    }

    /// The supported versions of TLS.
    public enum Version: String, Sendable, CaseIterable {
        /// TLS 1.2 (RFC 5246).
        case tls12 = "1.2"
        /// TLS 1.3 (RFC 8446).
        case tls13 = "1.3"
    }

    /// The authorities that may issue the server's certificate.
    public var authorities = Authorities.system
    /// Whether to accept any certificate of the server without checking it.
    public var acceptsAnyCertificate = false
    /// The client certificate to send when the server requests one.
    public var identity: TLSIdentity?
    /// The name to send as server name (RFC 6066, section 3) and to expect in the certificate; nil for the URL's host.
    public var serverName: String?
    /// The oldest version to accept.
    public var minimumVersion = Version.tls12
    /// The file to append the session secrets to, for decrypting captured traffic (`SSLKEYLOGFILE`).
    public var keyLog: String?

    /// Creates the default configuration.
    public init() {}

    /// Checks that the file of `authorities` can be read.
    ///
    /// - Throws: `ConnectError.unreadableFile`.
    public func checkAuthorities() throws(ConnectError) {
        if case .file(let file) = authorities { _ = try TLSSetup.certificates(in: file) }
    }
}
