import NIOSSL

/// A certificate of ours with its key, read and ready: a client's, or a server's.
public struct TLSIdentity: Sendable {
    let certificates: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// Why there is none.
    public enum Invalid: Error, Equatable, Sendable {
        /// The file can't be read, or has no certificate in it.
        case certificate(String)
        /// The file can't be read, or has no key in it that fits the passphrase.
        case key(String)
        /// The key is encrypted, and there is no passphrase.
        case passphraseMissing(String)
    }

    /// Reads a certificate and its key.
    ///
    /// - Parameters:
    ///   - certificate: a file of certificates (PEM), ours first; or a PKCS#12 file, which has the key too.
    ///   - key: the file of the key (PEM); nil when it stands with the certificate.
    ///   - passphrase: asked for when the key is encrypted; nil when nobody knows.
    /// - Throws: `Invalid`.
    public init(certificate: String, key: String?, passphrase: @escaping () -> String?) throws(Invalid) {
        if key == nil, Self.isPKCS12(certificate) {
            (certificates, self.key) = try Self.readPKCS12(certificate, passphrase)
            return
        }
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            throw .certificate(certificate)
        }
        guard !certificates.isEmpty else { throw .certificate(certificate) }
        let file = key ?? certificate
        var isEncrypted = false
        var wasAnswered = false
        do {
            self.key = try NIOSSLPrivateKey(file: file, format: .pem) { (provide: ([UInt8]) -> Void) in
                isEncrypted = true
                guard let answer = passphrase() else { throw Invalid.passphraseMissing(file) }
                wasAnswered = true
                provide(Array(answer.utf8))
            }
        } catch {
            throw isEncrypted && !wasAnswered ? .passphraseMissing(file) : .key(file)
        }
    }

    private static func readPKCS12(
        _ file: String,
        _ passphrase: () -> String?
    ) throws(Invalid) -> ([NIOSSLCertificate], NIOSSLPrivateKey) {
        if let bundle = try? NIOSSLPKCS12Bundle(file: file) { return (bundle.certificateChain, bundle.privateKey) }
        guard let answer = passphrase() else { throw .passphraseMissing(file) }
        guard let bundle = try? NIOSSLPKCS12Bundle(file: file, passphrase: Array(answer.utf8)) else { throw .key(file) }
        return (bundle.certificateChain, bundle.privateKey)
    }

    /// PKCS#12 files have no mark of their own but their usual names.
    private static func isPKCS12(_ file: String) -> Bool {
        let name = file.lowercased()
        return name.hasSuffix(".p12") || name.hasSuffix(".pfx")
    }
}
