import LineEditor
import MessageText

/// Prompts the user for a secret at the terminal, without echo.
enum PasswordPrompt {
    /// Prompts for a secret; blocks until the user presses Enter.
    ///
    /// - Parameter question: the name of the secret, without a colon.
    /// - Returns: the secret.
    /// - Throws: `Failure` if there is no terminal, or the user enters nothing.
    static func ask(_ question: String) throws(Failure) -> String {
        let answer: [UInt8]?
        do throws(TerminalError) {
            answer = try Terminal.readPassword(prompt: "\(VisibleText.line(question)): ")
        } catch {
            throw Failure(.usage, "cannot prompt without a terminal: \(question); use @FILE to read it from a file")
        }
        guard let answer else { throw Failure(.noInput, "nothing was entered: \(question)") }
        return String(decoding: answer, as: UTF8.self)
    }
}
