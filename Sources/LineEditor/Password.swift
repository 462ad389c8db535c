import CEditLine
import SystemPackage

extension Terminal {
    /// Prompts for a password on the controlling terminal without echo. Blocks until the user presses Enter.
    ///
    /// A signal that ends the process restores the terminal first. readpassphrase(3) cannot do that here: its handlers
    /// rely on interrupting the read, but signals to the process are delivered to the main thread.
    ///
    /// - Returns: the bytes typed; nil at the end of input.
    /// - Throws: `TerminalError` if there is no terminal or it cannot be read.
    package static func readPassword(prompt: String) throws(TerminalError) -> [UInt8]? {
        do {
            let terminal = try FileDescriptor.open("/dev/tty", .readWrite, options: .closeOnExec)
            return try terminal.closeAfter { try readLine(of: terminal, prompt) }
        } catch let error as TerminalError {
            throw error
        } catch {
            throw .system(call: "/dev/tty", errno: (error as? Errno ?? .ioError).rawValue)
        }
    }

    private static func readLine(of terminal: FileDescriptor, _ prompt: String) throws -> [UInt8]? {
        let mode = try RawMode(input: terminal.rawValue, output: terminal.rawValue, reset: "\r\n")
        defer { mode.release() }
        // The program's own handlers could not run until the password has been read.
        let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
        let before = signals.map(terminal_make_fatal)
        defer {
            for (signal, action) in zip(signals, before) {
                withUnsafePointer(to: action) { _ = sigaction(signal, $0, nil) }
            }
        }
        mode.silence()
        defer { mode.leave() }
        try terminal.writeAll(prompt.utf8)
        defer { _ = try? terminal.writeAll("\n".utf8) }

        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while try withUnsafeMutableBytes(of: &byte, { try terminal.read(into: $0) }) == 1 {
            if byte == UInt8(ascii: "\n") { return answer }
            answer.append(byte)
        }
        return answer.isEmpty ? nil : answer
    }
}
