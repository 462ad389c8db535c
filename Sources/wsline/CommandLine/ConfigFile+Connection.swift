import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport

extension ConfigFile.Profile {
    /// The server of the profile.
    ///
    /// - Throws: `Failure` for an invalid URL, with its position.
    var target: SessionPlan.Target {
        get throws(Failure) {
            do {
                return try SessionPlan.Target(argument: url?.value ?? "")
            } catch {
                throw Failure(.usage, "\(url?.place ?? ""): \(Wsline.message(for: error))")
            }
        }
    }
}

extension ConfigFile {
    /// Reads the user's file to look up a profile.
    ///
    /// - Parameter argument: the profile, `@NAME`.
    /// - Returns: the file.
    /// - Throws: `Failure` if there is no file, `FileError` for one with a mistake.
    static func defining(_ argument: String) throws -> ConfigFile {
        if let file = try ofUser() { return file }
        let file = userPath.map { "file \"\($0)\"" } ?? "configuration file"
        throw Failure(.noInput, "no profile \(argument): there is no \(file)")
    }

    /// Looks up a profile in the user's file.
    ///
    /// - Parameters:
    ///   - argument: the profile, `@NAME`.
    ///   - given: settings that override those of the file.
    /// - Returns: the server, and the settings of the file for connections to it.
    /// - Throws: `Failure`, `FileError` or `InvalidValue` for a profile that cannot be used.
    static func connection(
        _ argument: String,
        without given: [ConnectionSetting] = []
    ) throws -> (SessionPlan.Target, [ConnectionSetting]) {
        let file = try defining(argument)
        let profile = try file.profile(argument.dropFirst())
        let target = try profile.target
        let entries = try file.entries(of: profile, for: target.server, without: given)
        return (target, try settings(entries, for: target.server, with: given))
    }
}

extension CompletionKind {
    /// The servers to complete in a shell: this machine, and the profiles of the configuration file.
    static var servers: CompletionKind {
        .custom { _, _, _ in
            let profiles = (try? ConfigFile.ofUser())?.profiles.keys.sorted() ?? []
            return ["localhost"] + profiles.map { "@" + $0 }
        }
    }
}
