import ArgumentParser

/// A command of ours, once its command line has been read.
protocol RunnableCommand: ParsableCommand {
    /// Does what the command is for.
    ///
    /// - Throws: `Diagnostic` and whatever else `Diagnostic.init(_:)` understands, when it did not end as asked.
    func execute() async throws
}
