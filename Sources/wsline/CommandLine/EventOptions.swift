import ArgumentParser

/// Options for event output, recording and history.
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

    /// Rejects options that cannot be used together with `--json`.
    ///
    /// - Throws: `ValidationError` that names both options.
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
