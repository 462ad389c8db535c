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
}
