import ArgumentParser

/// Options for event output, recording and history.
struct EventOptions: ParsableArguments {
    @Flag(help: "print events as lines of JSON instead of messages")
    var json = false

    @Option(
        help: ArgumentHelp("append the session to this file, as with --json", valueName: "file"),
        completion: .file()
    )
    var record: String?

    @Flag(help: "do not save typed lines to the history")
    var noHistory = false

    /// Rejects options that cannot be used together with `--json`.
    ///
    /// - Throws: `ValidationError` that names both options.
    func check(_ replies: ReplyOptions, _ display: DisplayOptions) throws {
        guard json else { return }
        if replies.sendOnly {
            throw ValidationError("--send-only and --json cannot be used together")
        }
        if display.changesMessages {
            throw ValidationError("--json cannot be used with --pretty, --timestamps, --binary-as or --select")
        }
    }
}
