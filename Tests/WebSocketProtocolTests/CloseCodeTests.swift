import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct CloseCodeTests {
    @Test func `the sendable codes are those of section 7_4 and the IANA registry`() {
        // RFC 6455 does not define 1012–1014; IANA registered them later.
        let registered: Set<UInt16> = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
        let sendable = (UInt16.min ... .max).filter { CloseCode(rawValue: $0).mayBeSent }
        #expect(Set(sendable) == registered.union(3000...4999))
    }

    @Test(
        arguments: [
            (CloseCode.normalClosure, 1000, "normal closure"), (.goingAway, 1001, "going away"),
            (.protocolError, 1002, "protocol error"), (.unsupportedData, 1003, "unsupported data"),
            (.noStatusReceived, 1005, "no status received"), (.abnormalClosure, 1006, "abnormal closure"),
            (.invalidFramePayloadData, 1007, "invalid frame payload data"),
            (.policyViolation, 1008, "policy violation"),
            (.messageTooBig, 1009, "message too big"), (.mandatoryExtension, 1010, "mandatory extension"),
            (.internalError, 1011, "internal error"), (.serviceRestart, 1012, "service restart"),
            (.tryAgainLater, 1013, "try again later"), (.badGateway, 1014, "bad gateway"),
            (.tlsHandshakeFailure, 1015, "TLS handshake failure"),
        ] as [(CloseCode, UInt16, String)]
    )
    func `a named code has its registered number and name`(code: CloseCode, number: UInt16, name: String) {
        #expect(code.rawValue == number)
        #expect(code.name == name)
        #expect(code == CloseCode(rawValue: number))
    }

    @Test(
        arguments: [
            (0, "reserved"), (999, "reserved"), (1004, "reserved"), (1016, "reserved"), (2999, "reserved"),
            (3000, "registered with IANA"), (3999, "registered with IANA"), (4000, "private use"),
            (4999, "private use"),
            (5000, "reserved"), (65535, "reserved"),
        ] as [(UInt16, String)]
    )
    func `other codes are named after their range`(number: UInt16, name: String) {
        #expect(CloseCode(rawValue: number).name == name)
    }
}
