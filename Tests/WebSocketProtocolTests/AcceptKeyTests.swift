import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct AcceptKeyTests {
    @Test(arguments: [
        ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
        ("AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="),
    ])
    func `the accept value is computed from the key`(key: String, accept: String) {
        #expect(AcceptKey.accept(for: key) == accept)
    }

    @Test func `generated keys are valid and distinct`() {
        let keys = (0..<500).map { _ in AcceptKey.makeKey() }
        #expect(Set(keys).count == keys.count)
        for key in keys {
            #expect(AcceptKey.isValid(key: key), "\(key)")
            #expect(key.utf8.count == 24 && key.hasSuffix("=="), "\(key)")
        }
    }

    @Test(arguments: [
        ("dGhlIHNhbXBsZSBub25jZQ==", true), ("AAAAAAAAAAAAAAAAAAAAAA==", true), ("++++++++++++++++/////w==", true),
        ("", false), ("====", false), ("AAAAAAAAAAAAAAAAAAAA", false), ("AAAAAAAAAAAAAAAAAAAAAAA=", false),
        ("AAAAAAAAAAAAAAAAAAAAAAAA", false), ("dGhlIHNhbXBsZSBub25jZQ", false), ("dGhlIHNhbXBsZSBub25j", false),
        ("dGhlIHNhbXBsZSBub25jZQ== ", false), ("dGhlIHNh XBsZSBub25jZQ==", false), ("not base64 at all!!!!!==", false),
        ("----------------_____w==", false),
    ])
    func `a key is sixteen bytes in base64`(key: String, isValid: Bool) {
        #expect(AcceptKey.isValid(key: key) == isValid, "\(key)")
    }
}
