import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport

/// A heading of the help whose options are those of the table of connection options.
protocol ConnectionOptionGroup: ParsableArguments {
    /// The options that were given.
    ///
    /// - Throws: `ValidationError` for a value that cannot be used.
    var settings: [ConnectionSetting] { get throws }
}

extension ConnectionOptionGroup {
    /// Rejects values that cannot be used, and options that do not fit together.
    func checkSettings() throws {
        guard let conflict = OptionSpelling.commandLine.conflicts(in: try settings.map(\.option)).first else { return }
        throw ValidationError(conflict.message)
    }

    /// Reads a value that no error may repeat, as the argument parser's own would.
    static func setting(_ option: ConnectionOption, _ value: String) throws -> ConnectionSetting {
        do throws(InvalidValue) {
            return try option.setting(value)
        } catch {
            throw ValidationError(OptionSpelling.commandLine.explain(error, option, value))
        }
    }
}

/// How a connection is opened and closed: the options that `connect` and `replay` share.
///
/// Each of them lists the groups itself. A group of groups would save the lines, but a debug build of the parser checks a
/// group's options several times over, and those of a group in it that many times more: that was half of the tests' time.
protocol ConnectionOptions {
    var handshake: HandshakeOptions { get }
    var credentials: CredentialOptions { get }
    var tls: TLSCommandOptions { get }
    var identity: IdentityOptions { get }
    var network: NetworkOptions { get }
    var closing: ClosingOptions { get }
}

extension ConnectionOptions {
    private var settings: [ConnectionSetting] {
        get throws {
            let groups: [any ConnectionOptionGroup] = [handshake, credentials, tls, identity, network, closing]
            return try groups.flatMap { try $0.settings }
        }
    }

    /// Rejects options that have no effect on the server inside wsline.
    ///
    /// - Throws: `ValidationError` that names one.
    func check(_ target: SessionPlan.Target) throws {
        guard target == .echo else { return }
        for setting in try settings {
            if let fault = setting.faultWithEcho(.commandLine) { throw ValidationError(fault) }
        }
    }

    /// Builds the configuration of connections.
    ///
    /// - Parameters:
    ///   - url: the server; nil for the one inside wsline.
    ///   - fragment: the option of that name, which is about messages.
    /// - Returns: the configuration.
    /// - Throws: `ValidationError`, or `Failure` for a file that cannot be used or a password that nobody could be asked for.
    func connectOptions(for url: WebSocketURL?, fragment: ConnectionSetting? = nil) throws -> ConnectionConfiguration {
        let settings = try settings + [fragment].compactMap { $0 }
        // A crash would leave the secrets where others can read them.
        if url?.credentials != nil || settings.contains(where: \.option.bringsSecrets) { CoreDumps.forbid() }
        return try ConnectionSetup.configuration(settings, for: url, .commandLine, ask: PasswordPrompt.ask)
    }
}
