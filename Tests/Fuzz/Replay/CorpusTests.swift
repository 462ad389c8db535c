import Foundation
import FuzzTargets
import ProcessSupport
import Testing

/// The seeds of the fuzzers, and all that they ever found, through the same code.
@Suite(.serialized, .fewAtATime) struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Corpus")

    @Test("Each input of the corpus keeps the properties that the fuzzers check", arguments: FuzzTarget.allCases)
    func replay(target: FuzzTarget) throws {
        let folder = Self.folder.appendingPathComponent(target.rawValue)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        try #require(files.count >= 10)
        for file in files {
            try Data(contentsOf: file).withUnsafeBytes { target.run($0) }
        }
    }
}
