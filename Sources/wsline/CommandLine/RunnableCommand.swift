import ArgumentParser

/// A command whose options have been parsed.
protocol RunnableCommand: ParsableCommand {
    /// Runs the command.
    ///
    /// - Throws: `Failure`, or any other error that `Failure.init(_:)` accepts, if the command failed.
    func execute() async throws

    /// When to color its error messages.
    var colorMode: ColorMode { get }
}
