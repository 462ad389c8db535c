import MessageText

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Asks the user for a secret at the terminal, which does not show it.
enum PasswordPrompt {
    /// Asks; blocks until the user has answered.
    ///
    /// - Parameter question: what is asked for, without a colon.
    /// - Returns: the answer.
    /// - Throws: `Failure` when there is no terminal, or the user wants to leave.
    static func ask(_ question: String) throws(Failure) -> String {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw Failure(.noInput, "there is no terminal to ask at: \(question); @FILE has it instead")
        }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else { throw Failure(.noInput, "the terminal can't be asked at") }
        var silent = before
        // Without signals, which would leave the terminal silent, and so without lines: Ctrl-C would wait for Enter.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG | ICANON)
        while tcsetattr(terminal, TCSAFLUSH, &silent) != 0, errno == EINTR {}
        defer { while tcsetattr(terminal, TCSAFLUSH, &before) != 0, errno == EINTR {} }
        try? StandardStreams.write(Array("\(VisibleText.line(question)): ".utf8), to: terminal, "asking")
        defer { try? StandardStreams.write([0x0A], to: terminal, "asking") }
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw Failure(.noInput, "the terminal is gone") }
            switch byte {
            case 0x03, 0x04, 0x1C: throw Failure(.signal(SIGINT), "")
            case 0x0A, 0x0D: return String(decoding: answer, as: UTF8.self)
            case 0x15: answer = []
            case 0x08, 0x7F:
                // Of a character, the bytes that follow its first one too.
                while let last = answer.popLast(), last & 0xC0 == 0x80 {}
            default: answer.append(byte)
            }
        }
    }
}
