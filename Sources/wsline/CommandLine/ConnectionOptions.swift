import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport

/// A group of command-line options whose values come from the table of connection options.
protocol ConnectionOptionGroup: ParsableArguments {
    /// The settings for the options that were given.
    ///
    /// - Throws: `ValidationError` for an invalid value.
    var settings: [ConnectionSetting] { get throws }
}

extension ConnectionOptionGroup {
    /// Rejects invalid values and options that cannot be used together.
    func checkSettings() throws {
        guard let conflict = OptionSpelling.commandLine.conflicts(in: try settings.map(\.option)).first else { return }
        throw ValidationError(conflict.message)
    }

    /// Parses the value of an option. The error never repeats the value, which may be a secret; ArgumentParser's own
    /// would.
    static func setting(_ option: ConnectionOption, _ value: String) throws -> ConnectionSetting {
        do throws(InvalidValue) {
            return try option.setting(value)
        } catch {
            throw ValidationError(OptionSpelling.commandLine.explain(error, option, value))
        }
    }
}

/// The option groups that `connect` and `replay` share.
///
/// Each command lists the groups itself. A group of groups would be shorter, but in a debug build ArgumentParser
/// validates nested groups many times over, which took half of the tests' time.
protocol ConnectionOptions {
    var handshake: HandshakeOptions { get }
    var credentials: CredentialOptions { get }
    var tls: TLSCommandOptions { get }
    var identity: IdentityOptions { get }
    var network: NetworkOptions { get }
    var closing: ClosingOptions { get }
}

extension ConnectionOptions {
    /// The settings for the options that were given.
    var settings: [ConnectionSetting] {
        get throws {
            let groups: [any ConnectionOptionGroup] = [handshake, credentials, tls, identity, network, closing]
            return try groups.flatMap { try $0.settings }
        }
    }

    /// Rejects options that have no effect on the built-in echo server.
    ///
    /// - Throws: `ValidationError` that names the option.
    func check(_ target: SessionPlan.Target) throws {
        guard target == .echo else { return }
        for setting in try settings {
            if let fault = setting.faultWithEcho(.commandLine) { throw ValidationError(fault) }
        }
    }

    /// Returns the server that a URL or `@PROFILE` names, and the configuration of connections to it. Of a profile and the
    /// configuration file, only options of connections are used.
    ///
    /// - Throws: the errors of `ConfigFile.connection(_:without:)` and `connectOptions(for:_:)`.
    func connection(to argument: String) throws -> (SessionPlan.Target, ConnectionConfiguration) {
        let (target, settings) =
            argument.hasPrefix("@")
            ? try ConfigFile.connection(argument, without: try settings)
            : (try SessionPlan.Target(argument: argument), [])
        try check(target)
        return (target, try connectOptions(for: target.server, settings))
    }

    /// Rejects an invalid URL, and options that have no effect on it. A profile is checked when it is looked up.
    ///
    /// - Throws: `ValidationError`.
    func check(argument: String) throws {
        if !argument.hasPrefix("@") { try check(SessionPlan.Target(argument: argument)) }
    }

    /// Builds the configuration of connections.
    ///
    /// - Parameters:
    ///   - url: the server; nil for the built-in echo server.
    ///   - others: more settings, which the options override.
    /// - Returns: the configuration.
    /// - Throws: `ValidationError`, or `Failure` for a file that cannot be read or a password that cannot be asked for.
    func connectOptions(
        for url: WebSocketURL?,
        _ others: [ConnectionSetting] = []
    ) throws -> ConnectionConfiguration {
        let settings = others + (try settings)
        // A core dump would contain the secrets.
        if url?.credentials != nil || settings.contains(where: \.option.bringsSecrets) { CoreDumps.forbid() }
        return try ConnectionSetup.configuration(settings, for: url, .commandLine, ask: PasswordPrompt.ask)
    }
}
