import ArgumentParser
import TestScript

/// The options of `test` that select the tests to run.
struct TestSelectionOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("run only tests with this text in their name or file; may be repeated", valueName: "text")
    )
    var filter: [String] = []

    @Option(help: ArgumentHelp("run only tests with this tag; may be repeated", valueName: "tag"))
    var tag: [String] = []

    @Option(help: ArgumentHelp("run no tests with this tag; may be repeated", valueName: "tag"))
    var skipTag: [String] = []

    var selection: TestSelection { TestSelection(filters: filter, tags: tag, skippedTags: skipTag) }

    var given: [(isGiven: Bool, name: String)] {
        [(!filter.isEmpty, "--filter"), (!tag.isEmpty, "--tag"), (!skipTag.isEmpty, "--skip-tag")]
    }
}
