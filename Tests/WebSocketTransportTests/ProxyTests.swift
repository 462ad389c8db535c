import ProcessSupport
import Testing
import WebSocketTransport

@Suite(.fewAtATime) struct ProxyTests {
    @Test(
        "A proxy is parsed from its URL and described without its credentials",
        arguments: [
            ("http://h:3128", "http://h:3128"), ("h:3128", "http://h:3128"), ("h", "http://h:1080"),
            ("https://h", "https://h:443"), ("socks5://[::1]:9/", "socks5://[::1]:9"),
            ("SOCKS5H://u:p%40@h", "socks5h://h:1080"),
        ]
    )
    func shown(text: String, shown: String) throws {
        #expect(try "\(Proxy(text))" == shown)
    }

    @Test(
        "An invalid proxy is rejected, and the error names the invalid part",
        arguments: [
            ("ftp://h", "scheme"), ("http://h/path", "path"), ("http://u@h", "user:password"), ("http://", "host"),
        ]
    )
    func refused(text: String, part: String) {
        let error = #expect(throws: WebSocketURL.Invalid.self) { try Proxy(text) }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }

    @Test(
        "The error for a proxy contains no part of its URL, which may be a misplaced password",
        arguments: [
            "http://u:sec/ret@h", "http://h:secret", "http://secret@h", "secret://h", "http://u:secret%@h",
            "socks5://u:\(String(repeating: "secret", count: 43))@h",
        ]
    )
    func errors(text: String) {
        let error = #expect(throws: WebSocketURL.Invalid.self) { try Proxy(text) }
        #expect(error.map { !"\($0)".contains("sec") } == true, "\(String(describing: error))")
    }

    @Test("A SOCKS user name or password has at most 255 bytes, but that of an HTTP proxy may be longer")
    func longCredentials() throws {
        let (fits, tooLong) = (String(repeating: "é", count: 127) + "e", String(repeating: "é", count: 128))
        #expect(try Proxy("socks5://\(fits):\(fits)@h").credentials?.password == fits)
        #expect(try Proxy("http://\(tooLong):\(tooLong)@h").credentials?.password == tooLong)
        for credentials in ["\(tooLong):p", "u:\(tooLong)"] {
            let error = #expect(throws: WebSocketURL.Invalid.self) { try Proxy("socks5h://\(credentials)@h") }
            #expect(error?.description.contains("255 bytes") == true, "\(String(describing: error))")
        }
    }

    @Test(
        "NO_PROXY exempts hosts by the same rules as in curl",
        arguments: [
            ("a.example", "a.example", true), ("a.example", "example", true), ("a.example", ".example", true),
            ("a.example", "b.example,a.example", true), ("a.example", "x a.example", true), ("a.example", "*", true),
            ("A.Example", "a.EXAMPLE", true), ("a.example.", "a.example", true), ("a.example", "b.example", false),
            ("ba.example", "a.example", false), ("a.example", "", false), ("a.example", "*.example", false),
            ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.0/8", true), ("128.0.0.1", "127.0.0.0/8", false),
            ("10.1.2.3", "10.1.2.0/23", true), ("10.1.4.3", "10.1.2.0/23", false), ("1.127.0.0.1", "127.0.0.1", true),
            ("::1", "[::1]", true), ("fe80::1", "fe80::/10", true), ("ff80::1", "fe80::/10", false),
        ]
    )
    func exempt(host: String, list: String, isExempt: Bool) throws {
        let variables = ["http_proxy": "http://proxy:1", "no_proxy": list]
        let url = try WebSocketURL(host.contains("::") ? "ws://[\(host)]/" : "ws://\(host)/")
        let proxy = try Proxy.ofEnvironment(for: url) { variables[$0] }
        #expect((proxy == nil) == isExempt)
    }
}
