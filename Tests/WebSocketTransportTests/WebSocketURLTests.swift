import ProcessSupport
import Testing
import WebSocketTransport

@Suite(.fewAtATime) struct WebSocketURLTests {
    struct Good: Sendable, CustomTestStringConvertible {
        var text: String
        var isSecure = false
        var host: String
        var port: Int
        var target = "/"
        var shown: String
        var testDescription: String { text }
    }

    @Test(
        "A URL is read into its parts and shown without its credentials",
        arguments: [
            Good(text: "ws://example.com", host: "example.com", port: 80, shown: "ws://example.com/"),
            Good(
                text: "wss://example.com/chat?room=1",
                isSecure: true,
                host: "example.com",
                port: 443,
                target: "/chat?room=1",
                shown: "wss://example.com/chat?room=1"
            ),
            Good(text: "localhost:8080", host: "localhost", port: 8080, shown: "ws://localhost:8080/"),
            Good(text: "HTTPS://h", isSecure: true, host: "h", port: 443, shown: "wss://h/"),
            Good(text: "http://h:80/", host: "h", port: 80, shown: "ws://h/"),
            Good(text: "ws://[::1]:9000/x", host: "::1", port: 9000, target: "/x", shown: "ws://[::1]:9000/x"),
            Good(text: "ws://h?q=1", host: "h", port: 80, target: "/?q=1", shown: "ws://h/?q=1"),
            Good(
                text: "h/a?next=http://b",
                host: "h",
                port: 80,
                target: "/a?next=http://b",
                shown: "ws://h/a?next=http://b"
            ),
            Good(text: "ws://user:p%40ss@h/", host: "h", port: 80, shown: "ws://h/"),
            Good(
                text: "ws://h/ä b%20c",
                host: "h",
                port: 80,
                target: "/%C3%A4%20b%20c",
                shown: "ws://h/%C3%A4%20b%20c"
            ),
            Good(text: "ws://h:", host: "h", port: 80, shown: "ws://h/"),
            Good(
                text: "ws+unix:///run/a%20b.sock:/x?y",
                host: "localhost",
                port: 80,
                target: "/x?y",
                shown: "ws+unix:///run/a b.sock:/x?y"
            ),
            Good(text: "ws+unix:/run/a.sock", host: "localhost", port: 80, shown: "ws+unix:///run/a.sock:/"),
            Good(text: "ws://[fe80::1%25eth0]/", host: "fe80::1%eth0", port: 80, shown: "ws://[fe80::1%eth0]/"),
            Good(text: "ws:8080", host: "ws", port: 8080, shown: "ws://ws:8080/"),
        ]
    )
    func parts(_ expected: Good) throws {
        let url = try WebSocketURL(expected.text)
        #expect(url.isSecure == expected.isSecure)
        #expect(url.host == expected.host)
        #expect(url.port == expected.port)
        #expect(url.target == expected.target)
        #expect(url.description == expected.shown)
    }

    @Test(
        "A name beyond ASCII is sent as name servers know it, and an address without its zone",
        arguments: [
            ("ws://bücher.example", "xn--bcher-kva.example"), ("ws://BÜCHER.example:81", "xn--bcher-kva.example:81"),
            ("ws://пример.испытание/", "xn--e1afmkfd.xn--80akhbyknj4f"), ("ws://例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("ws://bu\u{308}cher.example", "xn--bcher-kva.example"), ("ws://BU\u{308}CHER", "xn--bcher-kva"),
            ("ws://q\u{323}\u{307}.example", "xn--q-9bb7f.example"),
            ("ws://q\u{307}\u{323}.example", "xn--q-9bb7f.example"),
            ("ws://\u{1112}\u{1161}\u{11AB}", "xn--6q8b"), ("ws://\u{212B}ngstrom", "xn--ngstrom-dxa"),
            ("ws://mañana.com", "xn--maana-pta.com"), ("ws://☃.net", "xn--n3h.net"),
            ("ws://Example.COM", "Example.COM"),
            ("ws://[fe80::1%25eth0]:81/", "[fe80::1]:81"),
        ]
    )
    func authority(text: String, authority: String) throws {
        guard let url = try? WebSocketURL(text) else {
            // A snowman is no letter, and host names have none.
            return #expect(text.contains("☃"))
        }
        #expect(url.authority == authority)
    }

    @Test(
        "The error for a URL repeats nothing of it, which may be a misplaced password",
        arguments: [
            "ws:/u:secret@h", "ws://u:sec/ret@h", "ws://u:secret/x@h", "ws://h:secret", "ws://h:80secret/",
            "ws://a:b:secret",
            "ws://secret@h", "ws://u:secret%@h", "ws://[::1]secret@/", "ws://[secret/", "ws://secret!/@h", "secret://h",
            "u:secret://x@h", "ws://u:p@h/#secret", "ws+unix:secret@h", "http://u:secret/x@h",
            "ws://u:sec ret:1/secret",
        ]
    )
    func errors(text: String) {
        let error = #expect(throws: WebSocketURL.Invalid.self) { try WebSocketURL(text) }
        #expect(error.map { !"\($0)".contains("sec") } == true, "\(String(describing: error))")
    }

    @Test("Secret query parameters are sent but not shown")
    func secretParameters() throws {
        let url = try WebSocketURL("wss://h/chat?room=1&access_token=abc&Sig=d%65f")
        #expect(url.target == "/chat?room=1&access_token=abc&Sig=d%65f")
        #expect("\(url)" == "wss://h/chat?room=1&access_token=…&Sig=…")
    }

    @Test("Credentials are percent-decoded")
    func credentials() throws {
        let credentials = try #require(try WebSocketURL("ws://us%3Aer:p%40ss:word@h/").credentials)
        #expect(credentials.user == "us:er")
        #expect(credentials.password == "p@ss:word")
    }

    @Test(
        "A URL that cannot be used is refused, naming the part at fault",
        arguments: [
            ("ftp://h", "scheme"), ("ws://h/#top", "fragment"), ("ws://user@h/", "user:password"), ("ws:///x", "host"),
            ("", "host"), ("ws://h:0/", "port"), ("ws://h:65536/", "port"), ("ws://h:x/", "port"),
            ("ws://h:+80/", "port"), ("ws://::1/", "brackets"), ("ws://[::1/", "bracket"), ("ws://[::1]x/", "port"),
            ("ws://a b/", "host"), ("ws://h/\r\nX: y", "control"), ("ws://u:%zz@h/", "%25"),
            ("wss:/h", "two slashes"), ("ws+unix://h/x", "socket path"),
        ]
    )
    func refused(text: String, names part: String) {
        let error = #expect(throws: WebSocketURL.Invalid.self) { try WebSocketURL(text) }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }
}
