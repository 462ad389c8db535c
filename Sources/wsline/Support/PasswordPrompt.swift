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
            throw Failure(.noInput, "there is no terminal to ask at: \(question); @FILE has it instead")
        }
        guard let answer else { throw Failure(.noInput, "nothing entered for: \(question)") }
        return String(decoding: answer, as: UTF8.self)
    }
}
