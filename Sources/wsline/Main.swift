import ArgumentParser
import CPOSIX
import LineEditor
import MessageText

/// The entry point: parses the command line, runs the command and exits with its status.
@main
struct Main {
    /// The result of parsing the command line.
    private enum Request {
        case command(any RunnableCommand)
        /// A request that has already been answered, such as `--help`.
        case done(ExitStatus)
    }

    /// Parses the command line on the main thread, which already exists.
    @MainActor
    static func main() async {
        // Writing to a closed pipe reports EPIPE instead of ending the process.
        posix_ignore_signal(SIGPIPE)
        posix_keep_freed_memory()
        StandardStreams.fillGaps()
        EarlyEventLoop.start()
        await end(read(Array(ArgumentBytes.arguments.dropFirst())))
    }

    /// Runs the command and exits. Off the main actor, because returning to it would make Dispatch start a thread for
    /// the main queue.
    private nonisolated static func end(_ request: sending Request) async -> Never {
        switch request {
        case .command(let command): Terminal.exit(await run(command).code)
        case .done(let status): Terminal.exit(status.code)
        }
    }

    private nonisolated static func read(_ arguments: [String]) -> sending Request {
        guard !arguments.isEmpty else {
            StandardStreams.writeError(Overview.text + "\n")
            return .done(.usage)
        }
        if let text = Overview.topic(arguments) { return .done(print(text)) }
        if let fault = ArgumentBytes.fault(in: arguments) ?? Overview.fault(in: arguments) {
            StandardStreams.writeError(Failure(.usage, fault).text())
            return .done(.usage)
        }
        do {
            var parsed = try Wsline.command(from: WscatArguments.translate(arguments))
            if let warning = WscatArguments.warning(in: arguments) {
                StandardStreams.writeError("wsline: \(warning)\n")
            }
            if let command = parsed as? any RunnableCommand { return .command(command) }
            // A command of ArgumentParser itself, such as help.
            try parsed.run()
            return .done(.success)
        } catch {
            return .done(report(parseError: error, arguments))
        }
    }

    private static func run(_ command: sending any RunnableCommand) async -> ExitStatus {
        do {
            try await command.execute()
            return .success
        } catch let error as SystemCallError where error.isBrokenPipe {
            // The reader of our output has closed the pipe; that is no error.
            return .success
        } catch {
            let failure = Failure(error)
            StandardStreams.writeFinalError(
                failure.text(isColored: command.colorMode.isOn(outputIsTerminal: StandardStreams.isTerminal(2)))
            )
            return failure.status
        }
    }

    private static func report(parseError error: any Error, _ arguments: [String]) -> ExitStatus {
        guard Wsline.exitCode(for: error) != .success else { return print(answer(error, arguments)) }
        let translated = WscatArguments.translate(arguments)
        let message = withDoubleQuotes(
            UnknownOption.message(in: translated) ?? inOurStyle(Wsline.message(for: error))
        )
        let words = Redaction.withoutSecrets(withHint(message, arguments), ofArguments: translated)
        StandardStreams.writeError(Failure(.usage, words).text())
        return .usage
    }

    private static func print(_ text: String) -> ExitStatus {
        do throws(SystemCallError) {
            try StandardStreams.writeOutput(Array((text + "\n").utf8))
            return .success
        } catch {
            guard !error.isBrokenPipe else { return .success }
            StandardStreams.writeError(Failure(error).text())
            return .lost
        }
    }

    /// Returns an error of the argument parser in the style of our own errors.
    private static func inOurStyle(_ sentence: String) -> String {
        let line = withOptionalValues(sentence.split(separator: "\n").joined(separator: " "))
            .replacing(". Please provide one of", with: ": must be one of")
        let message = line.hasSuffix(".") ? line.dropLast() : line[...]
        // Names such as WebSocket and TLS stay as they are.
        let isWord = message.prefix { $0 != " " }.dropFirst().allSatisfy(\.isLowercase)
        return isWord ? message.prefix(1).lowercased() + message.dropFirst() : String(message)
    }

    /// Puts the words that the argument parser puts into single quotes into double quotes.
    private static func withDoubleQuotes(_ text: String) -> String {
        text.replacing(/(^|[ (])'(.*?)'(?=[ ,;.:?)]|$)/) { "\($0.1)\"\($0.2)\"" }
    }

    /// Returns the output of a command line that asks for text instead of a run: help, the version, a completion
    /// script.
    private static func answer(_ error: any Error, _ arguments: [String]) -> String {
        let text = Wsline.message(for: error)
        if arguments == ["help"] || ["-h", "--help"].contains(arguments.first) { return Overview.text }
        let words = arguments.flatMap { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        guard words.first == "--generate-completion-script" else {
            return withOptionalValues(text)
                .replacing(
                    "--version               Show the version.",
                    with: "-V, --version           print the version"
                )
                .replacing("Show help information.", with: "print this help")
        }
        let shell = words.dropFirst().first.flatMap(CompletionShell.init(rawValue:)) ?? .autodetected()
        return shell.map { CompletionScript.completingConnect(text, for: $0) } ?? text
    }

    /// Writes optional values as `[<value>]`, which ArgumentParser cannot do.
    private static func withOptionalValues(_ text: String) -> String {
        text.replacing(/<\[([a-z]+)\]>/) { "[<\($0.1)>]" }
    }

    /// Appends a suggestion to a command-line error, unless it contains one.
    private static func withHint(_ message: String, _ arguments: [String]) -> String {
        let first = arguments.first ?? ""
        let isCommand = Wsline.commandNames.contains(first)
        if !isCommand, let near = nearNames(to: first, of: Wsline.commandNames).first {
            // The parser takes a mistyped command for a URL and complains about the options of `connect`; drop its
            // suggestion.
            let end = message.firstRange(of: "; did you mean")?.lowerBound ?? message.endIndex
            return message[..<end] + "; did you mean wsline \(near)?"
        }
        return !["unknown", "missing", "unexpected"].contains(message.prefix { $0 != " " }) || message.contains("; ")
            ? message : message + "; wsline help \(isCommand ? first : "connect") lists the options"
    }
}
