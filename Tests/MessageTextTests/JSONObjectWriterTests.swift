import MessageText
import Testing

@Suite struct JSONObjectWriterTests {
    @Test("An object is written on one line with control characters escaped")
    func write() throws {
        var writer = JSONObjectWriter(output: Array("before ".utf8))
        writer.field("text", "a\"\\\n\u{1B}\u{202E}😀\u{E0001}")
        writer.field("nothing", nil as String?)
        writer.field("number", 7)
        writer.field("digits", number: "1.5")
        writer.field("flag", true)
        writer.field("list", ["a", "b"])
        let line = String(decoding: writer.finish(), as: UTF8.self)
        #expect(
            line
                == #"before {"text":"a\"\\\n\u001b\u202e😀\udb40\udc01","nothing":null,"number":7,"digits":1.5,"flag":true,"#
                + #""list":["a","b"]}"# + "\n"
        )
        #expect(throws: Never.self) { try JSONParser.parse(line.utf8.dropFirst(7)) }
    }
}
