import ArgumentParser

/// A command of ours, once its command line has been read.
protocol RunnableCommand: ParsableCommand {
    /// Does what the command is for.
    ///
    /// - Throws: `Failure` and whatever else `Failure.init(_:)` understands, when it did not end as asked.
    func execute() async throws

    /// When its errors are colored.
    var colorMode: ColorMode { get }
}
