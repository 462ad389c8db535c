import Foundation
import FuzzTargets
import ProcessSupport
import Testing

/// Replays the seeds of the fuzzers and the inputs they found.
@Suite(.serialized, .fewAtATime) struct CorpusTests {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test("Every input of the corpus satisfies the properties that the fuzzers check", arguments: FuzzTarget.allCases)
    func replay(target: FuzzTarget) throws {
        var folders = ["Fuzz/Corpus/\(target.rawValue)"]
        if target == .script { folders += ["Scripts/ok", "Scripts/serve", "Scripts/syntax"] }
        let files = try folders.flatMap {
            try FileManager.default.contentsOfDirectory(
                at: Self.tests.appendingPathComponent($0),
                includingPropertiesForKeys: nil
            )
        }
        try #require(files.count >= 10)
        for file in files {
            try Data(contentsOf: file).withUnsafeBytes { target.run($0) }
        }
    }
}
