import ArgumentParser
import MessageText
import TestScript

/// `wsline test FILE...`: runs test scripts.
struct Test: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run smoke-test scripts.",
        usage: """
            wsline test [<options>] <file> ...
            wsline test --from <recording> [<recording>]
            """,
        discussion: """
            A script says, a step a line, what to send and what must come back; wsline-script(5) has the language. Status 0 \
            says that all tests passed, 1 that one failed, 65 that a script is wrong.

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
        help: ArgumentHelp("Scripts, folders with scripts (*.ws), or - for standard input.", valueName: "file"),
        completion: .file(extensions: ["ws"])
    )
    var files: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Set a variable; may be repeated.", valueName: "name=value"),
        transform: GivenVariable.init
    )
    var set: [GivenVariable] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Run this many tests side by side. (default: 1)", valueName: "n"),
        transform: MessageCount.init
    )
    var jobs: MessageCount?

    @Option(
        name: .customLong("repeat"),
        help: ArgumentHelp("Run each test this often.", valueName: "n"),
        transform: MessageCount.init
    )
    var rounds: MessageCount?

    @Option(
        help: ArgumentHelp("run a failed test again up to this many times (default: 0)", valueName: "n"),
        transform: MessageCount.init
    )
    var retry: MessageCount?

    @Flag(help: "Begin no other test once one has failed.")
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
            "How long a step may take unless its script says otherwise: 300ms, 2s. (default: 10s)",
            valueName: "time"
        ),
        transform: ScriptTime.init
    )
    var timeout: ScriptTime?

    @Flag(help: "Report as the Test Anything Protocol.")
    var tap = false

    @Flag(help: "Report as lines of JSON.")
    var json = false

    @Option(
        help: ArgumentHelp("Write a report in JUnit's XML to this file too.", valueName: "file"),
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

    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
    var color: ColorMode = .auto

    @Flag(help: "Short for --color never.")
    var noColor = false

    @Flag(name: .shortAndLong, help: "Say less: failures, and how many passed.")
    var quiet = false

    @Option(
        name: .customLong("from"),
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Write a script that repeats a session recorded with --record, and run nothing.",
            valueName: "recording"
        ),
        completion: .file()
    )
    var recordings: [String] = []

    func validate() throws {
        if tap, json { throw ValidationError("--tap and --json exclude each other") }
        if recordings.count > 2 {
            throw ValidationError("--from takes one recording, or two of the same session to compare them")
        }
        if !recordings.isEmpty, !files.isEmpty {
            throw ValidationError("--from writes a script, so that none can be run beside it")
        }
        if !recordings.isEmpty, let option = aboutRuns.first(where: \.isGiven)?.name {
            throw ValidationError("--from writes a script and runs none, which \(option) is about")
        }
        if quiet, verbose { throw ValidationError("--quiet and --verbose cannot be used together") }
        if check, let option = aboutResults.first(where: \.isGiven)?.name {
            throw ValidationError("--check and \(option) cannot be used together, as --check runs no tests")
        }
        if html == "-" {
            throw ValidationError("--html cannot write to standard output; use ./- for a file named -")
        }
        if junit == "-" {
            throw ValidationError("--junit takes a file, the report on standard output being another; ./- is one")
        }
        if recordings.isEmpty, files.isEmpty {
            throw ValidationError("which scripts are to be run? name files, folders, or -")
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
            let script = try RecordedScript(of: try Recording.read(recording), comparedWith: others).text
            try StandardStreams.writeOutput(Array(script.utf8))
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
            throw InvalidValue("it is written NAME=VALUE, with a name of letters, digits and _")
        }
        name = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}
