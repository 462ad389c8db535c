import ProcessSupport
import Testing
import WebSocketTransport

/// What is told of a certificate that is another host's.
@Suite(.fewAtATime) struct CertificateFaultTests {
    @Test(
        "The names are told that it was issued for, and the common name where there are none",
        arguments: [
            (["a", "b"], "c", "it was issued for a, b, not for host"),
            ([], "c", "it was issued for c, by its common name, not for host"), ([], nil, "it was issued for no name"),
            ([], "host", "it has host as its common name only"),
        ] as [([String], String?, String)]
    )
    func wrongHost(names: [String], commonName: String?, words: String) {
        let fault = CertificateFault.wrongHost("host", names: names, commonName: commonName)
        #expect("\(fault)".hasPrefix(words), "\(fault)")
    }
}
