/// A selection of the tests to run (`--filter`, `--tag`, `--skip-tag`).
package struct TestSelection: Sendable {
    /// The texts of which a test's name or file must contain at least one; empty for all tests.
    private let filters: [String]
    /// The tags of which a test must have at least one; empty for all tests.
    private let tags: Set<String>
    /// The tags of tests to leave out.
    private let skippedTags: Set<String>

    /// The selection of all tests.
    package static let all = TestSelection()

    package init(filters: [String] = [], tags: [String] = [], skippedTags: [String] = []) {
        self.filters = filters.filter { !$0.isEmpty }
        self.tags = Set(tags)
        self.skippedTags = Set(skippedTags)
    }

    /// Returns the name of a test combined with the name of its file.
    static func name(of test: ScriptTest, in path: String) -> String {
        test.name == path ? path : "\(path): \(test.name)"
    }

    /// Returns whether a test is selected.
    package func includes(_ test: ScriptTest, of path: String) -> Bool {
        matches(Self.name(of: test, in: path))
            && (tags.isEmpty || !tags.isDisjoint(with: test.tags))
            && skippedTags.isDisjoint(with: test.tags)
    }

    private func matches(_ name: String) -> Bool { filters.isEmpty || filters.contains { name.contains($0) } }

    /// The options that define the selection, for error messages.
    package var words: String {
        (filters.map { "--filter \"\($0)\"" } + tags.sorted().map { "--tag \"\($0)\"" }
            + skippedTags.sorted().map { "--skip-tag \"\($0)\"" }).joined(separator: ", ")
    }
}
