import ProcessSupport
import Testing

@testable import WebSocketTransport

@Suite(.fewAtATime) struct CertificateFaultTests {
    @Test(
        "The fault lists the names of the certificate, or its common name if it has none",
        arguments: [
            (["a", "b"], "c", "it was issued for a, b, not for host"),
            ([], "c", "its common name is c, not host"), ([], nil, "it was issued for no name"),
            ([], "host", "host is only its common name"),
            (["*"], nil, "it was issued for * (a wildcard must be the whole first label"),
        ] as [([String], String?, String)]
    )
    func wrongHost(names: [String], commonName: String?, words: String) {
        let fault = CertificateFault.wrongHost("host", names: names, commonName: commonName)
        #expect("\(fault)".hasPrefix(words), "\(fault)")
    }

    @Test(
        "A DNS name matches itself in any case, and a wildcard exactly one label before at least two",
        arguments: [
            ("a.example.com", "A.Example.com", true), ("a.example.com.", "a.example.com", true),
            ("a.example.com", "a.example.com.", true), ("a.example.com", "example.com", false),
            ("*.example.com", "a.example.com", true), ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false), ("*.example.com", ".example.com", false),
            ("*", "localhost", false),
            ("*", "*", false), ("*.com", "example.com", false), ("*.", "localhost", false),
            ("a*.example.com", "ab.example.com", false),
            ("a.*.com", "a.b.com", false), ("*.*.com", "a.b.com", false), ("", "", false),
            ("127.0.0.1", "127.0.0.1", false),
            ("*.0.0.1", "127.0.0.1", false), ("host\0.evil.com", "host", false),
        ]
    )
    func names(pattern: String, host: String, matches: Bool) {
        #expect(certificate([.dnsName(pattern)]).matches(host) == matches)
    }

    @Test(
        "An address matches in any spelling",
        arguments: [
            ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false), ("::1", "0:0::1", true),
            ("fe80::1", "FE80::1%eth0", true), ("::ffff:127.0.0.1", "127.0.0.1", false),
            ("127.0.0.1", "localhost", false),
        ]
    )
    func addresses(address: String, host: String, matches: Bool) throws {
        #expect(certificate([.address(try #require(IPAddress(address)))]).matches(host) == matches)
    }

    @Test("The common name counts only without alternative names, and not for an address")
    func commonName() {
        #expect(certificate([], commonName: "host").matches("host"))
        #expect(!certificate([.other], commonName: "host").matches("host"))
        #expect(!certificate([], commonName: "127.0.0.1").matches("127.0.0.1"))
    }

    @Test(
        "A time is shown as its day in UTC, and read from one",
        arguments: [
            (0, "1970-01-01"), (86399, "1970-01-01"), (-1, "1969-12-31"), (951_782_400, "2000-02-29"),
            (4_107_542_399, "2100-02-28"), (4_107_542_400, "2100-03-01"), (253_402_300_799, "9999-12-31"),
        ]
    )
    func days(seconds: Int, day: String) {
        #expect(Certificate.day(of: seconds) == day)
        let parts = day.split(separator: "-").compactMap { Int($0) }
        let start = Certificate.seconds(
            year: parts[0],
            month: parts[1],
            day: parts[2],
            hours: 0,
            minutes: 0,
            seconds: 0
        )
        #expect(0..<86400 ~= seconds - start)
    }

    private func certificate(_ names: [Certificate.AlternativeName], commonName: String? = nil) -> Certificate {
        Certificate(
            subject: "",
            issuer: "",
            notBefore: 0,
            notAfter: 0,
            commonName: commonName,
            alternativeNames: names,
            signatureAlgorithm: "",
            rsaKeySize: nil,
            extendedKeyUsage: nil,
            unknownCriticalExtensions: []
        )
    }
}
