import SystemPackage

/// Diagnosis of files from which no certificate can be read.
enum PEMFile {
    /// The number of bytes to inspect.
    private static let size = 64 << 10

    /// Returns the reason why no certificate can be read from a file.
    static func fault(in path: String) -> String {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            let bytes = try file.closeAfter {
                try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("-----BEGIN CERTIFICATE-----") { return "a certificate in it is invalid" }
            if text.contains("PRIVATE KEY-----") { return "it contains only a private key" }
            // Both begin with an ASN.1 sequence.
            let isBinary = bytes.first == 0x30
            return isBinary
                ? "it is DER or PKCS#12, not PEM (PKCS#12 requires a name in .p12 or .pfx)" : "it is not PEM"
        } catch {
            return (error as? Errno ?? .ioError).description.lowercased()
        }
    }
}
