import Foundation
import MessageText
import Testing

@testable import TestScript

/// A script made from two recordings accepts the messages of both.
@Suite struct TrafficCheckTests {
    /// Returns a recording, in which each event has a second: `> text` and `< text` are messages, `<hex 00` is a binary
    /// one, and anything else is a JSON object without its braces.
    private static func recording(_ events: [String], _ opening: String = #""event":"open""#) -> String {
        (["\(opening),\"url\":\"ws://h/\""] + events).enumerated().map { second, event in
            let time = "2026-11-23T12:00:\(second < 10 ? "0" : "")\(second).000000Z"
            return "{\"time\":\"\(time)\",\(fields(of: event))}\n"
        }.joined()
    }

    private static func fields(of event: String) -> String {
        let message = #""event":"message","direction":"#
        if event.hasPrefix("<hex ") {
            let bytes = event.dropFirst(5).split(separator: " ").compactMap { UInt8($0, radix: 16) }
            return message + #""received","type":"binary","data_base64":"\#(Data(bytes).base64EncodedString())""#
        }
        let sign = event.prefix(2)
        guard sign == "< " || sign == "> " else { return event }
        let text = JSONValue.string(String(event.dropFirst(2))).description
        return message + "\"\(sign == "> " ? "sent" : "received")\",\"type\":\"text\",\"data\":\(text)"
    }

    private static func closed(_ code: Int, _ reason: String = "", by side: String = "server") -> String {
        #""event":"close","code":\#(code),"reason":"\#(reason)","by":"\#(side)","clean":true"#
    }

    private static let lost = #""event":"close","code":null,"reason":"","by":null,"clean":false"#
    private static let unexpected =
        "# the connection ended here with 1000, which the script cannot expect for both recordings"

    private func script(_ first: String, _ second: String) throws -> RecordedScript {
        let recordings = try [first, second].map { try Recording.parse(Array($0.utf8), "a") }
        let script = try RecordedScript(of: recordings[0], comparedWith: recordings[1])
        #expect(ScriptParser.tests(in: script.text, side: .client) != nil, "\(script.text)")
        return script
    }

    private static let pairs: [(first: [String], second: [String], script: String)] = [
        (["> a", "< b"], ["> a", "< b"], "> a\n< b"),
        // A message that only one recording contains stays unread.
        (["> a", "< b", "> c", "< d"], ["> a", "< b", "< x", "> c", "< d"], "> a\n<+ b\n> c\n<+ d"),
        (["< x", "> a", "< b"], ["> a", "< b"], "# only in one recording: x\n> a\n<+ b"),
        (
            ["> a", "< b", "> c", "< d", "< x"], ["> a", "< b", "> c", "< d"],
            "> a\n< b\n> c\n<+ d\n# only in one recording: x"
        ),
        (["< b", "< x", closed(1000)], ["< b", closed(1000)], "<+ b\n# only in one recording: x\n\(unexpected)"),
        (
            ["< b", "< x", closed(1000, by: "client")], ["< b", closed(1000)],
            "<+ b\n# only in one recording: x\nclose 1000\n<close"
        ),
        // The end.
        ([closed(4000, "a")], [closed(4000, "a")], "<close 4000 a"),
        ([closed(4000, "a")], [closed(4000)], "<close 4000"),
        ([closed(4000, "a")], [closed(4001, "a")], "<close"), ([lost], [closed(1000)], "<close"),
        ([closed(1000)], [lost], "<close"), ([lost], [lost], "<close 1006"),
        ([closed(1000)], [closed(1000, by: "client")], unexpected), ([closed(1000)], [], unexpected),
        // Bytes.
        (["<hex 01 02 03"], ["<hex 01 f2 03"], "<hex 01??03"), (["<hex 01 02 03"], ["<hex 01 f2 f3 03"], "<hex 01..03"),
        // Values that the client generates.
        (
            [#"> {"id":"0e8dd1b5-2f5c-4f0a-9d5a-6a3b8c1d2e3f"}"#, #"< {"re":"0e8dd1b5-2f5c-4f0a-9d5a-6a3b8c1d2e3f"}"#],
            [#"> {"id":"1e8dd1b5-2f5c-4f0a-9d5a-6a3b8c1d2e3f"}"#, #"< {"re":"1e8dd1b5-2f5c-4f0a-9d5a-6a3b8c1d2e3f"}"#],
            #"set id ${uuid()}\#n> {"id":"${id}"}\#n<json {"re":"${id}"}"#
        ),
        // A heartbeat that only one recording is long enough to show.
        (
            ["< tick", "> tock", "< b"], ["< tick", "> tock", "< tick", "> tock", "< tick", "> tock", "< b"],
            "on tick > tock\n< b"
        ),
        (
            ["< tick", "> tock", "< tick", "> tock", "< tick", "> tock", "< b"], ["< b", "< tick", "> tock"],
            "on tick > tock\n< b"
        ),
    ]

    @Test("The script accepts both recordings", arguments: pairs.indices)
    func both(index: Int) async throws {
        let (first, second, expected) = Self.pairs[index]
        let script = try script(Self.recording(first), Self.recording(second))
        #expect(script.text == "connect ws://h/\n\(expected)\n")
        #expect(await script.fault(["a", "b"]) == nil)
    }

    private static let refused = #""event":"refused","status":"#

    @Test(
        "A refused connection is expected with the status that the recordings share",
        arguments: [("401", "401", "<refused 401"), ("401", "403", "<refused"), ("null", "null", "<refused tls")]
    )
    func refusal(first: String, second: String, expected: String) async throws {
        let script = try script(
            Self.recording([], Self.refused + first),
            Self.recording([], Self.refused + second)
        )
        #expect(script.text == "connect ws://h/\n\(expected)\n")
        #expect(await script.fault(["a", "b"]) == nil)
    }

    @Test("The reason why a script does not accept a recording has its line")
    func faults() async throws {
        // The first statement takes the message of the second one.
        let numbers = try script(
            Self.recording([#"< {"v":1}"#, #"< {"v":2}"#]),
            Self.recording([#"< {"v":2}"#, #"< {"v":3}"#])
        )
        #expect(
            await numbers.fault(["a", "b"])?.hasPrefix("line 3 of the script does not accept the messages of \"b\"")
                == true
        )
        let openings = ["401", "null"].map { Self.recording([], Self.refused + $0) } + [Self.recording([])]
        for (first, second) in [(0, 1), (0, 2), (2, 0)] {
            let fault = try await script(openings[first], openings[second]).fault(["a", "b"])
            #expect(fault?.hasPrefix("the recordings have different connections") == true, "\(first), \(second)")
        }
        let count = try await script(openings[2], openings[2] + openings[2]).fault(["a", "b"])
        #expect(count?.hasPrefix("the recordings have different connections") == true)
    }
}
