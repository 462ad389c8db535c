import SystemPackage

/// Diagnosis of files from which no certificate or private key can be read. The names of options are those of the
/// command line.
enum PEMFile {
    static let wrongPassphrase = "the passphrase is wrong (--passphrase)"
    static let decryptionFault = wrongPassphrase + ", or its encryption is not supported"
    /// The number of bytes to inspect.
    private static let size = 64 << 10

    /// Returns the reason why no certificate can be read from a file.
    static func certificateFault(in path: String) -> String {
        fault(in: path) { text in
            if text.contains("-----BEGIN CERTIFICATE-----") { return "a certificate in it is invalid" }
            return text.contains("PRIVATE KEY-----") ? "it contains only a private key" : nil
        }
    }

    /// Returns the reason why no private key can be read from a file without a passphrase.
    static func keyFault(in path: String) -> String {
        fault(in: path) { text in
            if text.contains("OPENSSH PRIVATE KEY-----") {
                return "it is in OpenSSH's own format; ssh-keygen -p -m PKCS8 -f FILE converts it"
            }
            if text.contains("PRIVATE KEY-----") { return "the key in it is invalid, or its type is not supported" }
            if text.contains("PUBLIC KEY-----") { return "it contains only a public key" }
            return text.contains("-----BEGIN CERTIFICATE-----")
                ? "it contains only a certificate; use --key FILE" : nil
        }
    }

    /// Returns the reason why a file is not PKCS#12.
    static func archiveFault(in path: String) -> String {
        do {
            return try start(of: path).text.contains("-----BEGIN ")
                ? "it is PEM, but its name is one of PKCS#12" : "it is not PKCS#12"
        } catch {
            return words(for: error)
        }
    }

    private static func fault(in path: String, _ diagnose: (String) -> String?) -> String {
        do {
            let (text, isBinary) = try start(of: path)
            return diagnose(text)
                ?? (isBinary
                    ? "it is DER or PKCS#12, not PEM (PKCS#12 requires a name in .p12 or .pfx)" : "it is not PEM")
        } catch {
            return words(for: error)
        }
    }

    /// Returns the start of a file, and whether it is DER or PKCS#12, which both begin with an ASN.1 sequence.
    private static func start(of path: String) throws -> (text: String, isBinary: Bool) {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        let bytes = try file.closeAfter {
            try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
        return (String(decoding: bytes, as: UTF8.self), bytes.first == 0x30)
    }

    private static func words(for error: any Error) -> String {
        (error as? Errno ?? .ioError).description.lowercased()
    }
}
