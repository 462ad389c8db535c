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
            throw InvalidValue(Redaction.withoutSecrets("the URL \"\(text)\" cannot be used: \(error)"))
        }
    }
}
