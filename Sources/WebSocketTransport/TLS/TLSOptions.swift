/// How TLS is spoken with a server, and what is checked of it.
public struct TLSOptions: Sendable {
    /// Where trusted authorities stand.
    public enum Authorities: Sendable, Equatable {
        /// Where the system has them.
        case system
        /// A file of certificates (PEM).
        case file(String)
        /// A file and folders of files of certificates (PEM), as `SSL_CERT_FILE` and `SSL_CERT_DIR` have it.
        case environment(file: String?, folders: [String])
    }

    /// Versions of TLS that one can insist on.
    public enum Version: String, Sendable, CaseIterable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// Who may vouch for the server.
    public var authorities = Authorities.system
    /// Whether the server's certificate is left unchecked.
    public var acceptsAnyCertificate = false
    /// What we show when the server asks who we are.
    public var identity: TLSIdentity?
    /// The name that is sent (SNI) and looked for in the certificate; nil for the URL's host.
    public var serverName: String?
    /// The oldest version that is accepted.
    public var minimumVersion = Version.tls12
    /// The file that secrets of the sessions are appended to, for looking into recorded traffic (`SSLKEYLOGFILE`).
    public var keyLog: String?

    /// The options that hold unless one is changed.
    public init() {}

    /// Reads the file of the authorities, to see whether it can be.
    ///
    /// - Throws: `ConnectError.unreadableFile`.
    public func checkAuthorities() throws(ConnectError) {
        if case .file(let file) = authorities { _ = try TLSSetup.certificates(in: file) }
    }
}
