import MessageText
import SystemPackage
import WebSocketTransport

/// A shell command that prints a credential, run before each attempt to connect: `--bearer '!COMMAND'`.
struct CredentialCommand: Sendable {
    /// The maximum size of the output, in bytes.
    private static let outputLimit = 64 << 10

    /// The name of the option in errors; the command itself may contain a secret.
    let option: String
    let text: String

    /// Creates a command.
    ///
    /// - Throws: `InvalidValue` for an empty one.
    init(_ text: Substring, of option: ConnectionOption) throws(InvalidValue) {
        self.text = String(text.trimmingSpaces)
        self.option = OptionSpelling.commandLine.name(option)
        guard !self.text.isEmpty, !self.text.utf8.contains(0) else { throw InvalidValue("expected a command after !") }
    }

    /// Returns the source of a credential.
    ///
    /// - Parameter apply: adds the output of the command to the configuration.
    /// - Returns: a closure that runs the command.
    func source(
        _ apply: @escaping @Sendable (inout ConnectionConfiguration, String) throws(InvalidValue) -> Void
    ) -> ConnectionConfiguration.CredentialSource {
        { configuration, url, limit throws(ConnectError) in
            guard let output = try await run(within: limit) else {
                throw configuration.timeout(url, .authorizing(option: option))
            }
            do throws(InvalidValue) {
                try apply(&configuration, output)
            } catch {
                throw failure("printed an invalid value: \(error)")
            }
        }
    }

    /// Runs the command and returns its output; nil if it did not exit in time.
    private func run(within limit: Duration) async throws(ConnectError) -> String? {
        var command = ShellCommand(text: text, folder: "", environment: Environment.all)
        command.outputLimit = Self.outputLimit
        let outcome: ShellCommand.Outcome
        do throws(Errno) {
            outcome = try await command.run(within: limit)
        } catch {
            throw failure("cannot be started: \(InputFile.systemError(error))")
        }
        if let group = outcome.group { await ShellCommand.end([group]) }
        switch outcome.end {
        case .exited(0): return try line(of: outcome.output)
        case .exited(let status): throw failure("exited with status \(status)", outcome.errorLines)
        case .timedOut: return nil
        case .wroteTooMuch: throw failure("printed more than \(Self.outputLimit >> 10) KiB")
        }
    }

    /// Returns the only line of the output.
    private func line(of output: [UInt8]) throws(ConnectError) -> String {
        do throws(InvalidValue) {
            guard let text = String(validating: output, as: UTF8.self) else { throw InvalidValue("it is not UTF-8") }
            let lines = text.split(whereSeparator: \.isNewline)
            guard lines.count == 1, let line = lines.first else {
                throw InvalidValue(lines.isEmpty ? "nothing" : "more than one line")
            }
            try HeaderField.check(value: String(line))
            return String(line)
        } catch {
            throw failure("printed an invalid value: \(error)")
        }
    }

    private func failure(_ reason: String, _ details: [String] = []) -> ConnectError {
        .credentialCommand(reason: "the command of \(option) \(reason)", details: details)
    }
}

extension ConnectionOption {
    /// Returns the command in a value: `!COMMAND`, or `NAME: !COMMAND` for a header; nil for any other value.
    package func command(in value: String) -> Substring? {
        switch self {
        case .auth, .bearer, .cookie: return value.hasPrefix("!") ? value.dropFirst() : nil
        case .header:
            guard !value.hasPrefix("@"), let colon = value.firstIndex(of: ":") else { return nil }
            let rest = value[colon...].dropFirst().trimmingSpaces
            return rest.hasPrefix("!") ? rest.dropFirst() : nil
        default: return nil
        }
    }

    /// Parses a value with a command.
    func credentialSetter(_ value: String, _ text: Substring) throws(InvalidValue) -> ConnectionSetting.Setter {
        let command = try CredentialCommand(text, of: self)
        switch self {
        case .auth: return { $0.add(command, ConnectionSetup.authorize) }
        case .bearer: return { $0.add(command) { $0.authorization = "Bearer \($1)" } }
        case .cookie: return { $0.add(command) { $0.headers.append(("Cookie", $1)) } }
        default:
            let name = try HeaderField(value.prefix { $0 != ":" } + ":").name
            return { $0.add(command) { $0.headers.append((name, $1)) } }
        }
    }
}
