import Foundation
import Testing

@testable import WebSocketTransport

/// Tests of the errors for files of certificates and private keys.
@Suite struct TLSIdentityTests {
    /// A self-signed certificate.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBbzCCARWgAwIBAgIUNsUIdwCdOG/Luul8gaBtnctg7uAwCgYIKoZIzj0EAwIw
        DDEKMAgGA1UEAwwBYTAgFw0yNjExMzAwNjA1MjNaGA8yMTI2MTEwNjA2MDUyM1ow
        DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGhu7sRFlucx
        r3vcUGvWwNwB3xtJQVmGSAdBEVZY9MwDosSOC/wX+z+J/smgIpT57l0Bl/9lFOP4
        vgtuV+MZrp+jUzBRMB0GA1UdDgQWBBSr38LHw3wySYad6NHuXeEK3yHhbTAfBgNV
        HSMEGDAWgBSr38LHw3wySYad6NHuXeEK3yHhbTAPBgNVHRMBAf8EBTADAQH/MAoG
        CCqGSM49BAMCA0gAMEUCIAmhb/ivXh/Vd+s6tvXWaaSiFtMrCIZkQ5lKekcppQue
        AiEAk85bO3Xtwzw9Rm7uWC4SmkthQf7E6673jSdmYcO5NBw=
        -----END CERTIFICATE-----

        """

    /// The key of the certificate.
    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBkdSzJB21CcLizeC
        7yjR8eQ9cWk8pJihTW6urcPAJgmhRANCAARobu7ERZbnMa973FBr1sDcAd8bSUFZ
        hkgHQRFWWPTMA6LEjgv8F/s/if7JoCKU+e5dAZf/ZRTj+L4LblfjGa6f
        -----END PRIVATE KEY-----

        """

    /// The key of the certificate, encrypted with the passphrase "sesame".
    private static let locked = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAhXJa3Yw1siqQIBATAM
        BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBAgQQBn08rANsc5P4FvK+IqVH5wSBkAym
        gA4OnCihmCO+DW5xqdt8Z3nNcjQiawrySE2XSqZvScM0Riwt9R/8GPfWIVlvNMUe
        nm4qjtmNAQaiuTxTkA4cl04cjxkBjKECkYVTJDgG8st5RfWfyOpGlQut1Jk1q3sk
        dUoVwWcVO/MPhCbSlKq6UmUXKkS1N0Eb365loUdcqIQuXpxSGVsBsHiB9EjAhw==
        -----END ENCRYPTED PRIVATE KEY-----

        """

    /// The key of another certificate.
    private static let other = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoeKPcJOYfQshhfoW
        E9ZbeklG1S2LVSCbX/WTXHYNBRuhRANCAASeqRoSn+v1T1sUsC+sk/tzNtDXezGy
        p6YrGZT0w5wG1qmzysjVxTXDnH0F9vG/ZhmuAlbMlJ8ZKbEE/bYL0rjJ
        -----END PRIVATE KEY-----

        """

    /// The file with both, encrypted with the passphrase "sesame".
    private static let archive = """
        MIID/AIBAzCCA7IGCSqGSIb3DQEHAaCCA6MEggOfMIIDmzCCAlIGCSqGSIb3DQEHBqCCAkMwggI/
        AgEAMIICOAYJKoZIhvcNAQcBMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhNI0R9PkWi
        aAICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGIObKPAX27EIzKKa7lNQCSAggHQ7/4l
        JCkSFDmGSI5IF1sC8bDfqOYYBIALK+VOhxcjdfvY0ZM5iBSTFtVDIl5oSDrHI+zVcaU5bULNtgO9
        HULl3+IuSDE8fwL+M4QWRfvLfapSNFzOVsSZT1e+2t/ALdkwE6BdAugX9LTyoRN7yBjHUPG+XET3
        pZ+FDWwO2PbEWOfZfnyJlmwWRihuc9+PDyRGeyTfK9Ma5zcoLBmNJWlM0c2CnTu0BveXnY/5DrVA
        hDEHTwz5AlpB6xDCmKTFWE09vwCrSTMPjsHtJrXwPBTo+krmRJEcf2WC2fdf+3iak6gDBbBvm2aX
        nSOt7/EhmuC/BcopZ8bhSa7ujPk90RQxm16lMMIr59SJGKib3Rh/RiaNVVIALJAE2Yks0Icl4jf8
        /0HI9iqqSDAqqW0/OrryHrDsVMmFZmy7PYpZ1xl+XyFlWHGUnf6rjcfVx6k/y71IfQ9b+EtjN2H6
        W0EWGWmqU/YZQhUrFGgJiVseTmiNKXhKpDQRTk7EsVjhGODyLhI+M4wZVclmer8aR/5UfIA6J9ll
        dP/CU2VoH1Q1x4AngbjFwsBQNoXgh1000QSKWSkr+wmgPZ0LM1PeEot2Kt4DcUZ7OP2Sk9auXjJZ
        0rpdl30wggFBBgkqhkiG9w0BBwGgggEyBIIBLjCCASowggEmBgsqhkiG9w0BDAoBAqCB7zCB7DBX
        BgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIq0OH9shoxi0CAggAMAwGCCqGSIb3DQIJBQAw
        HQYJYIZIAWUDBAEqBBAaTZK9sSKqr+ugNYJcc71ZBIGQhA+zPP1XPdT/8B9/GSaZVCy0LiOHerQE
        EI+OC7ZGWcTnoon7Zn91huDkMCvtBPEf6uiFT5sPCZ8ZKgcm/5rbzXAEh3rggTGtwFyB3t2n/fia
        ifWCIsNXYWASfcOyEJ07nHfPNSZvcwF/TTsyB/H7bmFUEvjOrAKdJUiqLSjACwQm3e3duqg1HsVi
        mEQa6LtUMSUwIwYJKoZIhvcNAQkVMRYEFFXn4Buj9dLqif8FmW0TjBDy3z2PMEEwMTANBglghkgB
        ZQMEAgEFAAQg4RdGXaoQOOC0j4biG31w6tJ4CKbg5SET7QuclMIgW8YECENHRun29LpGAgIIAA==
        """

    private static let openSSH = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    private static let publicKey = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"

    /// Writes files to a new folder, reads the identity in the first one, and returns the error.
    private func fault(_ files: [(name: String, content: Data)], _ passphrase: String?) throws -> TLSIdentity.Invalid? {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, content) in files { try content.write(to: folder.appendingPathComponent(name)) }
        let paths = files.map { folder.appendingPathComponent($0.name).path }
        do throws(TLSIdentity.Invalid) {
            _ = try TLSIdentity(certificate: paths[0], key: paths.count > 1 ? paths[1] : nil) { passphrase }
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "A key that cannot be used has a reason",
        arguments: [
            (key, nil, nil), (locked, "sesame", nil),
            (locked, "wrong", "the passphrase is wrong (--passphrase), or its encryption is not supported"),
            (locked, nil, "passphrase is missing"),
            (other, nil, "mismatch"), (certificate, nil, "it contains only a certificate; use --key FILE"),
            (publicKey, nil, "it contains only a public key"),
            (openSSH, nil, "it is in OpenSSH's own format; ssh-keygen -p -m PKCS8 -f FILE converts it"),
            (key.replacing("MI", with: "AA"), nil, "the key in it is invalid, or its type is not supported"),
            ("hello", nil, "it is not PEM"), ("", nil, "it is not PEM"),
            ("0", nil, "it is DER or PKCS#12, not PEM (PKCS#12 requires a name in .p12 or .pfx)"),
        ] as [(String, String?, String?)]
    )
    func keys(key: String, passphrase: String?, expected: String?) throws {
        let files = [("a.pem", Data(Self.certificate.utf8)), ("key.pem", Data(key.utf8))]
        #expect(try fault(files, passphrase).map(words) == expected)
    }

    @Test(
        "A PKCS#12 file that cannot be used has a reason",
        arguments: [
            (archive, "sesame", nil), (archive, "wrong", "the passphrase is wrong (--passphrase)"),
            (archive, nil, "passphrase is missing"), ("aGVsbG8=", "sesame", "it is not PKCS#12"),
        ] as [(String, String?, String?)]
    )
    func archives(content: String, passphrase: String?, expected: String?) throws {
        let data = try #require(Data(base64Encoded: content, options: .ignoreUnknownCharacters))
        #expect(try fault([("a.p12", data)], passphrase).map(words) == expected)
    }

    @Test("A PEM file with a name of PKCS#12 and a missing file have reasons, and no passphrase is asked for")
    func others() throws {
        let pem = try fault([("a.pfx", Data((Self.certificate + Self.key).utf8))], nil)
        #expect(pem.map(words) == "it is PEM, but its name is one of PKCS#12")
        for name in ["a.p12", "a.pem"] {
            let error = #expect(throws: TLSIdentity.Invalid.self) {
                try TLSIdentity(certificate: "/none/\(name)", key: nil) { "sesame" }
            }
            #expect(error.map(words) == "no such file or directory")
        }
    }

    private func words(_ error: TLSIdentity.Invalid) -> String {
        switch error {
        case .certificate(_, let reason), .key(_, let reason): reason
        case .passphraseMissing: "passphrase is missing"
        case .keyMismatch: "mismatch"
        }
    }
}
