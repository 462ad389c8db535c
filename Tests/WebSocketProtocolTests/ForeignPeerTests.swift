import Foundation
import NIOCore
import ProcessSupport
import Testing

@testable import WebSocketProtocol

/// Tests that our endpoint and wsproto understand each other's messages with all compression settings.
@Suite(.serialized, .fewAtATime) struct ForeignPeerTests {
    private struct Case {
        var seed: UInt64
        var role: Role
        var parameters: DeflateParameters?
        var fragmentSize: Int
        var ours: [Message]
        var theirs: [Message]
        /// The frames in which our endpoint sent `ours`.
        var bytes: [UInt8]

        var request: [String: Any] {
            [
                "seed": seed, "role": role == .client ? "server" : "client", "deflate": parameters?.answer ?? "",
                "bytes": Self.hex(bytes), "messages": theirs.map { ["\($0.kind)", Self.hex($0.payload)] },
                "fragment": fragmentSize,
            ]
        }

        static func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

        static func bytes(_ hex: String) -> [UInt8] {
            let digits = Array(hex.utf8)
            return stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
        }
    }

    private struct PeerResult: Decodable {
        var received: [[String]]
        var bytes: String
    }

    /// Runs all cases in one Python process.
    private func wsproto(_ cases: [Case]) async throws -> [PeerResult] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "wsproto_peer.py"
        )
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let input = folder.appendingPathComponent("cases")
        let output = folder.appendingPathComponent("results")
        let lines = try cases.map { try JSONSerialization.data(withJSONObject: $0.request) + Data("\n".utf8) }
        try Data(lines.joined()).write(to: input)
        try Data().write(to: output)

        let process = try ChildProcess(
            "/bin/sh",
            ["-c", "exec /usr/bin/python3 \"$0\" < \"$1\" > \"$2\"", script.path, input.path, output.path],
            environment: ProcessInfo.processInfo.environment,
            readsError: false
        )
        try #require(await process.status() == 0, "python3-wsproto is needed; see the README's set-up")
        return try Data(contentsOf: output).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(PeerResult.self, from: $0)
        }
    }

    private func message(using generator: inout SeededGenerator) -> Message {
        let count = Int.random(
            in: 0...([5, 130, 130, 3000, 20_000].randomElement(using: &generator) ?? 5),
            using: &generator
        )
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return Message(.ping, binary(byteCount: min(count, 125)))
        case 1: return Message(.pong, binary(byteCount: min(count, 125)))
        case 2: return Message(.binary, (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        case 3: return Message(.binary, binary(byteCount: count))
        default: return Message(.text, text(byteCount: count))
        }
    }

    private func makeCase(seed: UInt64) throws -> Case {
        var generator = SeededGenerator(seed: seed)
        var parameters: DeflateParameters?
        if seed % 4 != 0 {
            var chosen = DeflateParameters()
            chosen.clientNoContextTakeover = Bool.random(using: &generator)
            chosen.serverNoContextTakeover = Bool.random(using: &generator)
            chosen.clientMaxWindowBits = Int.random(in: 9...15, using: &generator)
            chosen.serverMaxWindowBits = Int.random(in: 9...15, using: &generator)
            parameters = chosen
        }
        let role = Role.both[Int(seed / 4 % 2)]
        let fragmentSize = [1, 7, 100, 125, 126, 100_000].randomElement(using: &generator) ?? 1
        let messages = (0..<2).map { _ in
            (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                var message = message(using: &generator)
                // With small fragments, long messages would become megabytes of frames.
                if fragmentSize < 100 { message.payload = text(byteCount: message.payload.count % 125) }
                return message
            }
        }
        var endpoint = Endpoint(role: role, fragmentSize: fragmentSize, deflate: parameters)
        try endpoint.send(MessageBatch(messages[0]))
        return Case(
            seed: seed,
            role: role,
            parameters: parameters,
            fragmentSize: fragmentSize,
            ours: messages[0],
            theirs: messages[1],
            bytes: endpoint.takeBytes()
        )
    }

    @Test func `wsproto and this endpoint exchange the same messages`() async throws {
        let cases = try (0..<300 as Range<UInt64>).map(makeCase)
        let results = try await wsproto(cases)
        try #require(results.count == cases.count)
        for (index, result) in results.enumerated() {
            let this = cases[index]
            let context: Comment = "seed \(this.seed), \(this.role), \(this.parameters?.answer ?? "plain")"
            let understood = result.received.map { "\($0[0]) \($0[1])" }
            #expect(understood == this.ours.map { "\($0.kind) \(Case.hex($0.payload))" }, context)

            var endpoint = Endpoint(role: this.role, deflate: this.parameters)
            let received = try endpoint.deliver([Case.bytes(result.bytes)[...]])
            #expect(received.end == nil, context)
            #expect(received.messages == this.theirs, context)
        }
        // Make sure that some messages were compressed.
        #expect(
            cases.contains { $0.parameters != nil && $0.bytes.count < $0.ours.map(\.payload.count).reduce(0, +) / 2 }
        )
    }
}
