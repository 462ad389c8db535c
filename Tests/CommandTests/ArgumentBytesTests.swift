import Foundation
import ProcessSupport
import TestSupport
import Testing

@testable import wsline

/// Arguments that are not UTF-8.
@Suite(.fewAtATime) struct ArgumentBytesTests {
    @Test(
        "Any bytes become text for the argument parser, and the same bytes again",
        arguments: [
            [], Array("grün €👍".utf8), [0xFF], [0xC3], [0x61, 0xE2, 0x82, 0x62], [0xC3, 0x28, 0xC3, 0xA4, 0xFE],
            [0xF0, 0x9F, 0x91], [0xED, 0xA0, 0x80], Array(0x01...0xFF),
        ] as [[UInt8]]
    )
    func roundTrip(bytes: [UInt8]) {
        #expect(ArgumentBytes.bytes(of: ArgumentBytes.text(of: bytes)) == bytes)
    }

    @Test(
        "What is not UTF-8 on a command line is sent as binary or refused, and never as something else",
        arguments: [
            (#"-x "$(printf 'a\377')" -1 echo:"#, 65, "of -x is not UTF-8: byte 2 is 0xff;"),
            (#"--execute="$(printf '\342\202')" -1 echo:"#, 65, "byte 1 is 0xe2; nothing was sent"),
            (#"-b -x "$(printf 'a\377\342\202')" -1 --binary-as hex echo:"#, 0, "61ffe282\n"),
            (#"-b1 --binary-as hex --execute="$(printf '\377')" echo:"#, 0, "ff\n"),
            (#"-x hi --expect "$(printf 'a\377')" echo:"#, 64, "of --expect is not UTF-8: byte 2 is 0xff\n"),
            (#"-x hi --record="$(printf '\377')" echo:"#, 64, "of --record is not UTF-8: byte 1 is 0xff\n"),
            (#"test "$(printf '\377')""#, 64, "argument 2 is not UTF-8: byte 1 is 0xff\n"),
        ] as [(String, Int32, String)]
    )
    func commandLine(arguments: String, status: Int32, words: String) async throws {
        let process = try ChildProcess(
            "/bin/sh",
            ["-c", "exec \"$0\" \(arguments) 2>&1", Program.folder.appendingPathComponent("wsline").path],
            environment: ProcessInfo.processInfo.environment,
            readsError: false
        )
        let output = await ChildProcess.onThread { (try? process.output.readToEnd()) ?? Data() }
        let text = String(decoding: output, as: UTF8.self)
        #expect(await process.status() == status, "\(text)")
        #expect(text.contains(words), "\(text)")
        #expect(text.split(separator: "\n").count == 1, "\(text)")
    }
}
