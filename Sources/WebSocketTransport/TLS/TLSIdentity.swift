import NIOSSL

/// The certificate of a client or server, with its chain and private key.
public struct TLSIdentity: Sendable, Equatable {
    let certificates: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// An error that explains why an identity cannot be read.
    public enum Invalid: Error, Equatable, Sendable {
        /// No certificate can be read from the file at this path.
        case certificate(String, reason: String)
        /// No private key can be read from the file at this path.
        case key(String, reason: String)
        /// The key in the file at this path is encrypted, and no passphrase was given.
        case passphraseMissing(String)
        /// The key in the second file does not belong to the certificate in the first one.
        case keyMismatch(certificate: String, key: String)
    }

    /// Reads a certificate and its private key.
    ///
    /// - Parameters:
    ///   - certificate: the path of a PEM file with the certificate and its chain, or of a PKCS#12 file (`.p12` or
    ///     `.pfx`), which includes the key.
    ///   - key: the path of a PEM file with the key; nil when the certificate file contains it.
    ///   - passphrase: a closure that returns the passphrase of an encrypted key, or nil; called only if needed.
    /// - Throws: `Invalid`.
    public init(certificate: String, key: String?, passphrase: @escaping () -> String?) throws(Invalid) {
        if key == nil, Self.isPKCS12(certificate) {
            (certificates, self.key) = try Self.readPKCS12(certificate, passphrase)
            return
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(certificate), !certificates.isEmpty else {
            throw .certificate(certificate, reason: PEMFile.certificateFault(in: certificate))
        }
        self.certificates = certificates
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
            if isEncrypted, !wasAnswered { throw .passphraseMissing(file) }
            throw .key(file, reason: wasAnswered ? PEMFile.decryptionFault : PEMFile.keyFault(in: file))
        }
        do {
            _ = try TLSSetup.serverContext(for: self, offersHTTP2: false)
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw .keyMismatch(certificate: certificate, key: file)
        } catch {
            throw .certificate(certificate, reason: "only \(TLSSetup.keyTypes) keys are supported")
        }
    }

    private static func readPKCS12(
        _ file: String,
        _ passphrase: () -> String?
    ) throws(Invalid) -> ([NIOSSLCertificate], NIOSSLPrivateKey) {
        /// Reads the file; returns nil if it has another passphrase.
        func read(_ passphrase: [UInt8]?) throws(Invalid) -> NIOSSLPKCS12Bundle? {
            do {
                return try NIOSSLPKCS12Bundle(file: file, passphrase: passphrase)
            } catch {
                guard "\(error)".contains("INCORRECT_PASSWORD") else {
                    throw .key(file, reason: PEMFile.archiveFault(in: file))
                }
                return nil
            }
        }
        if let bundle = try read(nil) { return (bundle.certificateChain, bundle.privateKey) }
        guard let answer = passphrase() else { throw .passphraseMissing(file) }
        guard let bundle = try read(Array(answer.utf8)) else { throw .key(file, reason: PEMFile.wrongPassphrase) }
        return (bundle.certificateChain, bundle.privateKey)
    }

    /// Whether a file is PKCS#12, judging by its extension, because the format has no signature.
    private static func isPKCS12(_ file: String) -> Bool {
        let name = file.lowercased()
        return name.hasSuffix(".p12") || name.hasSuffix(".pfx")
    }
}
