/// The TLS configuration of a client.
public struct TLSOptions: Sendable, Equatable {
    /// The source of trusted certificate authorities.
    public enum Authorities: Sendable, Equatable {
        /// The authorities that the system trusts.
        case system
        /// The certificates in a PEM file.
        case file(String)
        /// The certificates in a PEM file and in folders of PEM files, as in `SSL_CERT_FILE` and `SSL_CERT_DIR`.
        case environment(file: String?, folders: [String])
    }

    /// A supported version of TLS.
    public enum Version: String, Sendable, CaseIterable {
        /// TLS 1.2 (RFC 5246).
        case tls12 = "1.2"
        /// TLS 1.3 (RFC 8446).
        case tls13 = "1.3"
    }

    /// The certificate authorities to trust.
    public var authorities = Authorities.system
    /// Whether to accept any server certificate without verification.
    public var acceptsAnyCertificate = false
    /// The client certificate to send when the server requests one.
    public var identity: TLSIdentity?
    /// The server name to send (RFC 6066, section 3) and to verify the certificate against; nil for the host of the
    /// URL.
    public var serverName: String?
    /// The minimum version of TLS.
    public var minimumVersion = Version.tls12
    /// The file to append session secrets to, for decrypting captured traffic (`SSLKEYLOGFILE`).
    public var keyLog: String?

    /// Whether to offer HTTP/2 in the handshake (RFC 7301).
    var offersHTTP2 = false

    /// Creates the default configuration.
    public init() {}

    /// Checks that the files of `authorities` can be read.
    ///
    /// - Throws: `ConnectError.unreadableFile`.
    public func checkAuthorities() throws(ConnectError) {
        if case .file(let file) = authorities { _ = try TLSSetup.certificates(in: file) }
    }
}
