import Foundation
import ProcessSupport
import Testing

/// Tests of rules that every source file must follow.
@Suite(.fewAtATime) struct SourceTreeTests {
    @Test("No test file is longer than 400 lines, and no source file longer than 300")
    func length() throws {
        let files = try SourceTree.swiftFiles(in: ["Sources", "Tests"])
        #expect(files.count > 100)
        for (path, text) in files {
            let count = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            #expect(count <= (path.hasPrefix("Sources/") ? 300 : 400), "\(path) has \(count) lines")
        }
    }

    @Test("A platform-specific module is imported only under a platform condition")
    func platformImports() throws {
        let modules = ["Darwin", "Glibc", "Musl", "FoundationEssentials"]
        for (path, text) in try SourceTree.swiftFiles(in: ["Sources", "Tests"]) {
            var depth = 0
            for line in text.split(separator: "\n") {
                if line.hasPrefix("#if ") { depth += 1 }
                if line.hasPrefix("#endif") { depth -= 1 }
                let words = line.split(separator: " ")
                guard words.contains("import"), let module = words.last, modules.contains(String(module)) else {
                    continue
                }
                #expect(depth > 0, "\(path): \(line)")
            }
        }
    }
}
