import ArgumentParser

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Parses, runs, reports: the only place that ends the process.
@main
struct Main {
    static func main() async {
        // A reader that went away is an error of the write, not a reason to die.
        signal(SIGPIPE, SIG_IGN)
        StandardStreams.fillGaps()
        await end()
    }

    /// Runs and exits. `main` itself goes on where the main queue is served, for which a thread would be started.
    private static func end() async -> Never {
        exit(await run(Array(CommandLine.arguments.dropFirst())).code)
    }

    private static func run(_ arguments: [String]) async -> ExitStatus {
        let command: any RunnableCommand
        do {
            var parsed = try Wsline.command(from: WscatArguments.translate(arguments))
            guard let runnable = parsed as? any RunnableCommand else {
                // A command of the argument parser's own, such as help.
                try parsed.run()
                return .success
            }
            command = runnable
        } catch {
            return report(parseError: error, arguments)
        }
        do {
            try await command.execute()
            return .success
        } catch {
            let diagnostic = Diagnostic(error)
            StandardStreams.writeError(diagnostic.text)
            return diagnostic.status
        }
    }

    private static func report(parseError error: any Error, _ arguments: [String]) -> ExitStatus {
        guard Wsline.exitCode(for: error) != .success else {
            // The options that matter are those of the command that needs no name.
            let asksForHelp = arguments.first == "-h" || arguments.first == "--help"
            let text = asksForHelp ? Wsline.helpMessage(for: Connect.self) : Wsline.message(for: error)
            do throws(SystemCallError) {
                try StandardStreams.writeOutput(Array((text + "\n").utf8))
            } catch {
                return .lost
            }
            return .success
        }
        let message = Wsline.message(for: error).split(separator: "\n").joined(separator: " ")
        let words = Redaction.withoutCredentials(message)
        StandardStreams.writeError(Diagnostic(.usage, "\(words); wsline --help lists the options").text)
        return .usage
    }
}
