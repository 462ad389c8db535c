/// Which tests of the scripts to run (`--filter`, `--tag`, `--skip-tag`).
package struct TestSelection: Sendable {
    /// Texts of which a test's name or file must contain one; empty for all tests.
    private let filters: [String]
    /// Tags of which a test must have one; empty for all tests.
    private let tags: Set<String>
    /// Tags that no test may have.
    private let skippedTags: Set<String>

    /// The selection of all tests.
    package static let all = TestSelection()

    package init(filters: [String] = [], tags: [String] = [], skippedTags: [String] = []) {
        self.filters = filters.filter { !$0.isEmpty }
        self.tags = Set(tags)
        self.skippedTags = Set(skippedTags)
    }

    /// Returns the name of a test together with that of its file.
    static func name(of test: ScriptTest, in path: String) -> String {
        test.name == path ? path : "\(path): \(test.name)"
    }

    /// Returns whether a test is to run.
    package func includes(_ test: ScriptTest, of path: String) -> Bool {
        matches(Self.name(of: test, in: path))
            && (tags.isEmpty || !tags.isDisjoint(with: test.tags))
            && skippedTags.isDisjoint(with: test.tags)
    }

    private func matches(_ name: String) -> Bool { filters.isEmpty || filters.contains { name.contains($0) } }

    /// The options that made the selection, for an error.
    package var words: String {
        (filters.map { "--filter \"\($0)\"" } + tags.sorted().map { "--tag \"\($0)\"" }
            + skippedTags.sorted().map { "--skip-tag \"\($0)\"" }).joined(separator: ", ")
    }
}
