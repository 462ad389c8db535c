import MessageText
import ProcessSupport
import Testing

@Suite(.fewAtATime) struct RedactionTests {
    @Test(
        "A name that contains a secret's word marks its value as secret",
        arguments: [
            ("Authorization", true), ("proxy-authorization", true), ("Cookie", true), ("Set-Cookie", true),
            ("X-Api-Key", true),
            ("X-Jwt", true), ("X-Session-Id", true), ("X-CSRF", true), ("X-XSRF-TOKEN", true), ("X-Signature", true),
            ("X-Amz-Credential", true), ("access_token", true), ("accessToken", true), ("token", true), ("key", true),
            ("apikey", true), ("ticket", true), ("sig", true), ("X-Goog-Sig", true), ("auth", true), ("password", true),
            ("passwd", true), ("pwd", true), ("secret", true), ("PHPSESSID", true), ("sid", true), ("code", true),
            ("Host", false), ("Origin", false), ("User-Agent", false), ("Sec-WebSocket-Key", false),
            ("significant", false),
            ("Sec-WebSocket-Protocol", false), ("WWW-Authenticate", false), ("Content-Encoding", false),
            ("room", false),
        ]
    )
    func names(name: String, isSecret: Bool) {
        #expect(Redaction.isSecret(name) == isSecret)
        #expect(Redaction.isSecret(name.uppercased()) == isSecret)
    }

    @Test(
        "A URL is shown without user information and secret parameters, even if it is malformed",
        arguments: [
            ("ws://u:secret@host/x", "ws://…@host/x"), ("ws:/u:secret@host", "ws:/…@host"),
            ("ws:u:secret@host", "ws:…@host"),
            ("ws:///u:secret@host", "ws:///…@host"), ("ws://u:sec/ret@host", "ws://…@host"),
            ("ws://secret@host", "ws://…@host"), ("ws:/u:secret", "ws:/u:…"), ("wss:u:secret/x", "wss:u:…/x"),
            ("u:secret@host", "…@host"), ("ws://u:sec ret@host", "ws://…@host"), ("ws://u:se'cret@host", "ws://…@host"),
            ("ws://u:se@cret@host:80/x", "ws://…@host:80/x"), ("WSS://u:secret@host", "WSS://…@host"),
            ("ftp://u:secret@host", "ftp://…@host"), ("ws://host:secret", "ws://host:…"),
            ("ws://host:1secret/x", "ws://host:…/x"),
            ("//host:secret", "//host:…"), ("ws://a:b:secret/", "ws://a:…/"), ("host:80/x", "host:80/x"),
            ("ws://[::1]:80", "ws://[::1]:80"),
            ("ws+unix://u:secret@/run/a", "ws+unix://…@/run/a"), ("ws://host/?token=secret", "ws://host/?token=…"),
            ("ws://host?a=1&Access_Token=secret&b=2", "ws://host?a=1&Access_Token=…&b=2"),
            ("ws://host/?%74oken=secret", "ws://host/?%74oken=…"),
            ("ws://host/?a=1#access_token=secret", "ws://host/?a=1#access_token=…"),
            ("ws://host/token=1?room=2", "ws://host/token=1?room=2"), ("ws://host/?token=", "ws://host/?token="),
        ]
    )
    func urls(url: String, shown: String) {
        #expect(Redaction.url(url) == shown)
        #expect(
            !Redaction.withoutSecrets("the value '\(url)' is invalid", ofArguments: ["--proxy=\(url)", url]).contains(
                "secret"
            )
        )
    }

    @Test(
        "A text is shown without the secrets in its URLs",
        arguments: [
            ("see https://u:secret@h/, then go", "see https://…@h/, then go"), ("'ws://u:p@h'", "'ws://…@h'"),
            ("at 12:30 to me@example.com", "at 12:30 to me@example.com"),
            ("cannot read \"@file\"", "cannot read \"@file\""),
            ("/x?token=secret", "/x?token=…"), ("see ws://host: it listens", "see ws://host: it listens"),
        ]
    )
    func texts(text: String, shown: String) {
        #expect(Redaction.withoutSecrets(text) == shown)
    }
}
