import ArgumentParser

/// What is told or kept of a session beside what is shown.
struct EventOptions: ParsableArguments {
    @Flag(help: "Print one JSON object a line for each event instead of the messages.")
    var json = false

    @Option(
        help: ArgumentHelp("Append the session to this file, as the lines of --json.", valueName: "file"),
        completion: .file()
    )
    var record: String?

    @Flag(help: "Keep no history of what is typed.")
    var noHistory = false

    /// Checks that nothing else is asked of what `--json` prints.
    ///
    /// - Throws: `ValidationError` that names what excludes what.
    func check(_ replies: ReplyOptions, _ display: DisplayOptions) throws {
        guard json else { return }
        if replies.sendOnly {
            throw ValidationError("--send-only and --json exclude each other: --json prints every event")
        }
        if display.changesMessages {
            throw ValidationError("--json excludes --pretty, --timestamps and --binary-as: each event is one line")
        }
    }
}
