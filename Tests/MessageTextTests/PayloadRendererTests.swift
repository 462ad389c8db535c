import MessageText
import Testing

@Suite struct PayloadRendererTests {
    private static func render(
        _ payload: [UInt8],
        isText: Bool = true,
        _ destination: PayloadRenderer.Destination,
        _ settings: DisplaySettings = DisplaySettings()
    ) -> String {
        let renderer = PayloadRenderer(destination: destination, settings: settings, label: "7<")
        var output: [UInt8] = []
        payload.withUnsafeBytes { renderer.append($0, isText: isText, to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    @Test(
        "Text goes unchanged into a pipe, with escapes to a terminal, labeled and indented into a session",
        arguments: [(.pipe, "a\u{1B}\nb"), (.terminal, "a\\e\nb\n"), (.session, "7< a\\e\n  b\n")]
            as [(PayloadRenderer.Destination, String)]
    )
    func text(destination: PayloadRenderer.Destination, output: String) {
        #expect(Self.render(Array("a\u{1B}\nb".utf8), destination) == output)
    }

    @Test(
        "Binary messages have a style",
        arguments: [
            (.pipe, nil, "\u{1}A"), (.pipe, .hex, "0141"), (.pipe, .base64, "AUE="),
            (.terminal, .hex, "binary, 2 bytes\n  0141\n"),
            (.terminal, .raw, "\\u{1}A\n"), (.session, .base64, "7< binary, 2 bytes\n  AUE=\n"),
            (.terminal, nil, "binary, 2 bytes\n  00000000  01 41\(String(repeating: " ", count: 44)) |.A|\n"),
        ] as [(PayloadRenderer.Destination, DisplaySettings.BinaryStyle?, String)]
    )
    func binary(destination: PayloadRenderer.Destination, style: DisplaySettings.BinaryStyle?, output: String) {
        #expect(Self.render([1, 0x41], isText: false, destination, DisplaySettings(binaryStyle: style)) == output)
    }

    @Test("JSON is indented and colored; other text stays as it is")
    func pretty() {
        let json = Array(#"{"a":"\u001b","b":[1]}"#.utf8)
        #expect(
            Self.render(json, .session, DisplaySettings(pretty: true))
                == "7< {\n    \"a\": \"\\u001b\",\n    \"b\": [\n      1\n    ]\n  }\n"
        )
        #expect(
            Self.render(Array("[1]".utf8), .pipe, DisplaySettings(pretty: true, isColored: true))
                == "[\n  \u{1B}[36m1\u{1B}[m\n]"
        )
        #expect(Self.render(Array("[1,]".utf8), .terminal, DisplaySettings(pretty: true)) == "[1,]\n")
    }

    @Test("A long message is folded in a session")
    func folded() {
        let output = Self.render(
            [UInt8](repeating: UInt8(ascii: "a"), count: 1000),
            .session,
            DisplaySettings(fold: 100)
        )
        #expect(
            output == "7< \(String(repeating: "a", count: 100))\n  … 900 bytes more (/set fold off shows everything)\n"
        )
    }

    @Test(
        "Folded JSON is cut between rows or in a long string, and counted in bytes of the message",
        arguments: [
            ("[" + (0..<20).map { "{\"a\": \($0)}" }.joined(separator: " , ") + "]", "      \"a\": 3", 188),
            (
                "{\"long\":\"" + String(repeating: "é", count: 500) + "\"}",
                "    \"long\": \"" + String(repeating: "é", count: 42), 918
            ),
        ]
    )
    func foldedJSON(message: String, lastRow: String, rest: Int) {
        let settings = DisplaySettings(pretty: true, fold: 100)
        let output = Self.render(Array(message.utf8), .session, settings)
        let note = "  … \(rest) bytes more (/set fold off shows everything)\n"
        #expect(output.hasSuffix("\(lastRow)\n\(note)"), "\(output)")
        // No color is left switched on.
        let colored = Self.render(
            Array(message.utf8),
            .session,
            DisplaySettings(pretty: true, fold: 100, isColored: true)
        )
        #expect(colored.contains("\u{1B}[m\n\u{1B}[2m  … "), "\(colored)")
    }

    @Test(
        "A folded dump shows as many bytes as folded text",
        arguments: [.dump, .hex, .base64, .raw] as [DisplaySettings.BinaryStyle]
    )
    func foldedDump(style: DisplaySettings.BinaryStyle) {
        let settings = DisplaySettings(binaryStyle: style, fold: 160)
        let output = Self.render([UInt8](repeating: 65, count: 1000), isText: false, .session, settings)
        #expect(output.hasSuffix("\n  … 840 bytes more (/set fold off shows everything)\n"), "\(output)")
        #expect(!Self.render([UInt8](repeating: 65, count: 200), isText: false, .session, settings).contains("more"))
    }

    @Test(
        "Hostile messages make output in proportion to their size",
        arguments: [
            String(repeating: "[", count: 40_000),
            String(repeating: "[", count: 500) + String(repeating: "{},", count: 10_000),
            String(repeating: "[", count: 512) + String(repeating: "1,", count: 20_000) + "1"
                + String(repeating: "]", count: 512),
            String(repeating: #"{"":"#, count: 10_000), String(repeating: "\u{1B}\n", count: 20_000),
        ],
        [.pipe, .terminal, .session] as [PayloadRenderer.Destination]
    )
    func bounded(message: String, destination: PayloadRenderer.Destination) {
        let settings = DisplaySettings(pretty: true, fold: nil, isColored: true)
        let output = Self.render(Array(message.utf8), destination, settings)
        #expect(output.utf8.count <= 50 * message.utf8.count)
        let folded = Self.render(Array(message.utf8), .session, DisplaySettings(pretty: true))
        #expect(folded.utf8.count <= 6 * DisplaySettings.defaultFold)
    }
}
