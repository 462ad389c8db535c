import MessageText
import Testing

@Suite struct RedactionTests {
    @Test(
        "Credentials in URLs are removed",
        arguments: [
            ("ws://user:secret@host/path", "ws://…@host/path"), ("ws://host", "ws://host"), ("a@b", "a@b"),
            ("--proxy 'http://u:p@q:1' x", "--proxy 'http://…@q:1' x"),
        ]
    )
    func credentials(text: String, redacted: String) {
        #expect(Redaction.withoutCredentials(text) == redacted)
    }
}
