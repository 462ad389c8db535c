import ArgumentParser
import MessageText
import TestScript

/// `wsline test FILE...`: runs test scripts.
struct Test: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run test scripts",
        usage: """
            wsline test [<options>] <file> ...
            wsline test --from <recording> [<recording>]
            """,
        discussion: """
            Each line of a script is a step: a message to send, or a reply to expect; see wsline-script(5). The exit \
            status is 0 if all tests passed, 1 if one failed, and 65 if a script has mistakes.

            Example:
              connect ws://${HOST}/chat
              > {"type":"hello"}
              <json {"type":"welcome"}
              <~ ^\\{"id":(?<id>\\d+)
              close
              <close 1000
            """
    )

    @Argument(
        help: ArgumentHelp("scripts, folders of scripts (*.ws), or -", valueName: "file"),
        completion: .file(extensions: ["ws"])
    )
    var files: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("set a variable; may be repeated", valueName: "name=value"),
        transform: GivenVariable.init
    )
    var set: [GivenVariable] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("run this many tests in parallel (default: 1)", valueName: "n"),
        transform: MessageCount.init
    )
    var jobs: MessageCount?

    @Option(
        name: .customLong("repeat"),
        help: ArgumentHelp("run each test this many times", valueName: "n"),
        transform: MessageCount.init
    )
    var rounds: MessageCount?

    @Option(
        help: ArgumentHelp("run a failed test again up to this many times (default: 0)", valueName: "n"),
        transform: MessageCount.init
    )
    var retry: MessageCount?

    @Flag(help: "stop after the first failure")
    var failFast = false

    @OptionGroup var selection: TestSelectionOptions

    @OptionGroup var data: TestDataOptions

    @OptionGroup var waiting: TestWaitOptions

    @Flag(help: "check the scripts without running them")
    var check = false

    @Flag(help: "reject scripts that run commands")
    var noCommands = false

    @Option(
        help: ArgumentHelp(
            "maximum time of a step (default: 10)",
            valueName: "seconds"
        ),
        transform: Seconds.init
    )
    var timeout: Seconds?

    @Flag(help: "report in the Test Anything Protocol (TAP)")
    var tap = false

    @Flag(help: "report as lines of JSON")
    var json = false

    @Option(
        help: ArgumentHelp("also write a JUnit XML report to this file", valueName: "file"),
        completion: .file()
    )
    var junit: String?

    @Option(
        help: ArgumentHelp("also write a report as a web page to this file", valueName: "file"),
        completion: .file()
    )
    var html: String?

    @Option(
        help: ArgumentHelp("record the connections of each test to a file in this folder", valueName: "folder"),
        completion: .directory
    )
    var record: String?

    @Flag(name: .shortAndLong, help: "print every message and control frame, with its time")
    var verbose = false

    @Option(help: ArgumentHelp("use colors: auto, always or never", valueName: "when"))
    var color: ColorMode = .auto

    @Flag(help: "same as --color never")
    var noColor = false

    @Flag(name: .shortAndLong, help: "print failures and totals only")
    var quiet = false

    @Option(
        name: .customLong("from"),
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "print a script that repeats this recording, and exit",
            valueName: "recording"
        ),
        completion: .file()
    )
    var recordings: [String] = []

    @Flag(help: "with --from, accept received messages in any order")
    var anyOrder = false

    func validate() throws {
        if tap, json { throw ValidationError("--tap and --json cannot be used together") }
        if recordings.count > 2 {
            throw ValidationError("--from takes one recording, or two of the same session to compare them")
        }
        if anyOrder, recordings.isEmpty { throw ValidationError("--any-order requires --from") }
        if !recordings.isEmpty, !files.isEmpty {
            throw ValidationError("--from cannot be used with script files, as it runs no tests")
        }
        if !recordings.isEmpty, let option = aboutRuns.first(where: \.isGiven)?.name {
            throw ValidationError("--from and \(option) cannot be used together, as --from runs no tests")
        }
        if quiet, verbose { throw ValidationError("--quiet and --verbose cannot be used together") }
        if check, let option = aboutResults.first(where: \.isGiven)?.name {
            throw ValidationError("--check and \(option) cannot be used together, as --check runs no tests")
        }
        if html == "-" {
            throw ValidationError("--html cannot write to standard output; use ./- for a file named -")
        }
        if junit == "-" {
            throw ValidationError("--junit cannot write to standard output; use ./- for a file named -")
        }
        if recordings.isEmpty, files.isEmpty {
            throw ValidationError("no scripts given; name files, folders, or - for standard input")
        }
    }

    /// Options that have no effect when no tests are run.
    private var aboutRuns: [(isGiven: Bool, name: String)] {
        aboutResults + [
            (!set.isEmpty, "--set"), (timeout != nil, "--timeout"), (check, "--check"), (noCommands, "--no-commands"),
        ] + selection.given + data.given
    }

    /// The options given that have no effect if no test runs.
    private var aboutResults: [(isGiven: Bool, name: String)] {
        [
            (jobs != nil, "--jobs"), (rounds != nil, "--repeat"), (retry != nil, "--retry"), (failFast, "--fail-fast"),
            (tap, "--tap"), (json, "--json"), (junit != nil, "--junit"), (html != nil, "--html"),
            (record != nil, "--record"), (quiet, "--quiet"), (verbose, "--verbose"),
            (waiting.url != nil, "--wait-for"),
        ]
    }

    var colorMode: ColorMode { noColor ? .never : color }

    func execute() async throws {
        if let recording = recordings.first {
            let others = recordings.count > 1 ? try Recording.read(recordings[1]) : []
            let script = try RecordedScript(
                of: try Recording.read(recording),
                comparedWith: others,
                inAnyOrder: anyOrder
            )
            try StandardStreams.writeOutput(Array(script.text.utf8))
            guard let fault = await script.fault(recordings) else { return }
            let diagnostics = Diagnostics(verbosity: .normal)
            diagnostics.warn(fault)
            await diagnostics.flush()
        } else {
            try await TestCommandRun(self).run()
        }
    }

    /// The form of the report.
    var report: TestReport {
        let isColored = colorMode.isOn(
            outputIsTerminal: StandardStreams.isTerminal(1),
            variable: StandardStreams.variable
        )
        return TestReport(
            form: tap ? .tap : json ? .json : .text(isColored: isColored, failuresOnly: quiet),
            showsTrace: verbose
        )
    }

    /// What each test records of its connections.
    var trace: TestTrace.Detail? {
        if record != nil { return .messages }
        return verbose || html != nil || junit != nil ? .excerpts : nil
    }
}

/// A script variable given on the command line.
struct GivenVariable: Sendable {
    let name: String
    let value: String

    /// Returns the values by name; the last value given for a name wins.
    static func dictionary(_ variables: [GivenVariable]) -> [String: String] {
        Dictionary(variables.map { ($0.name, $0.value) }) { $1 }
    }

    /// Parses `NAME=VALUE`.
    ///
    /// - Throws: `InvalidValue`.
    init(_ argument: String) throws(InvalidValue) {
        guard let equals = argument.firstIndex(of: "="), Template.isName(argument[..<equals]) else {
            throw InvalidValue("must be NAME=VALUE, with a name of letters, digits and _")
        }
        name = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}
