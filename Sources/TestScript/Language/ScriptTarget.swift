import MessageText
import WebSocketTransport

/// The server that a script connects to.
enum ScriptTarget {
    /// Parses a URL; returns nil for `echo:`.
    ///
    /// - Throws: `InvalidValue` for an invalid URL.
    static func read(_ text: String) throws(InvalidValue) -> WebSocketURL? {
        guard text != "echo:" else { return nil }
        do throws(WebSocketURL.Invalid) {
            return try WebSocketURL(text)
        } catch {
            throw InvalidValue(Redaction.withoutSecrets("invalid URL \"\(text)\": \(error)"))
        }
    }

    /// Returns the profile that a script connects to with `connect @NAME`, and the settings of its connections; nil for
    /// a URL. A variable cannot stand for a profile, so that no captured value can choose one.
    ///
    /// - Throws: `FileError` for a profile that is unknown or invalid.
    static func profile(_ template: Template) throws(FileError) -> (url: String, settings: [ConnectionSetting])? {
        guard template.source.hasPrefix("@") else { return nil }
        let name = template.source.dropFirst()
        guard let file = try ConfigFile.ofUser() else {
            throw FileError("there is no configuration file with a profile \"\(name)\"")
        }
        let profile = try file.profile(name)
        let url = profile.url?.value ?? ""
        let server: WebSocketURL?
        do throws(InvalidValue) {
            server = try read(url)
        } catch {
            throw FileError("\(profile.url?.place ?? file.path): \(error)")
        }
        let entries = try file.entries(of: profile, for: server)
        do throws(InvalidValue) {
            return (url, try ConfigFile.settings(entries, for: server))
        } catch {
            throw FileError(error.description)
        }
    }

    /// Whether connecting runs commands of a profile.
    static func runsCommands(_ template: Template) -> Bool {
        let settings = (try? profile(template))?.settings ?? []
        return settings.contains { $0.option.command(in: $0.text) != nil }
    }
}
