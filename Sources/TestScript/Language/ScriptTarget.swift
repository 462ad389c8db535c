import MessageText
import WebSocketTransport

/// The server that a script connects to.
enum ScriptTarget {
    /// Reads a URL; nil stands for `echo:`.
    ///
    /// - Throws: `InvalidValue`.
    static func read(_ text: String) throws(InvalidValue) -> WebSocketURL? {
        guard text != "echo:" else { return nil }
        do throws(WebSocketURL.Invalid) {
            return try WebSocketURL(text)
        } catch {
            throw InvalidValue(Redaction.withoutSecrets("invalid URL \"\(text)\": \(error)"))
        }
    }
}
