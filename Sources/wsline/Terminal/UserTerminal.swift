import LineEditor
import MessageText
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What every session at a terminal does with it.
extension Terminal {
    /// Opens the terminal that the user types at. Messages may go elsewhere (`wsline URL | jq .`): then the line is edited
    /// on the terminal itself.
    ///
    /// - Parameters:
    ///   - outputIsTerminal: whether standard output is the terminal.
    ///   - configure: says what is before the line, and what helps with it.
    /// - Returns: the terminal, with its prompt shown.
    /// - Throws: `TerminalError`, or `Failure` when there is no terminal to type at.
    static func ofUser(outputIsTerminal: Bool, _ configure: (inout Configuration) -> Void) throws -> Terminal {
        var configuration = Configuration()
        configure(&configuration)
        if !outputIsTerminal {
            let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { throw Failure(SystemCallError.last("opening the terminal")) }
            configuration.output = descriptor
        }
        return try Terminal(configuration)
    }

    /// Prints a notice above the line that is typed, without waiting until there is room for it.
    func tell(_ line: String, isColored: Bool) {
        let (before, after) = isColored ? (Color.dim.rawValue, Color.reset) : ("", "")
        enqueue(Array((before + line + after + "\n").utf8))
    }

    /// Prints notices above the line that is typed, in rows as wide as the terminal at a descriptor.
    func say(_ lines: [String], isColored: Bool, columns descriptor: Int32) async {
        guard !lines.isEmpty else { return }
        let (before, after) = isColored ? (Color.dim.rawValue, Color.reset) : ("", "")
        let columns = Self.columns(of: descriptor)
        let rows = lines.flatMap { Paragraph.rows(of: VisibleText.line($0), columns: columns) }
        await print(rows.flatMap { Array((before + $0 + after + "\n").utf8) })
    }

    /// Lets the user write the line in another editor.
    ///
    /// - Parameter text: what it has in it at first.
    /// - Returns: why that can't be, if so.
    func edit(_ text: String) async -> Failure? {
        let written = Mutex<Result<String, Failure>?>(nil)
        await lend {
            let result = Result { () throws(Failure) in try ExternalEditor.write(text) }
            written.withLock { $0 = result }
        }
        switch written.withLock({ $0 }) {
        case .success(let text): setText(text)
        case .failure(let diagnostic): return diagnostic
        case nil: break
        }
        return nil
    }
}
