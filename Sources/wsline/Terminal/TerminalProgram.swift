import CPOSIX
import SystemPackage

/// A program of the user that runs at the terminal, which must have been lent to it: an editor or a pager.
enum TerminalProgram {
    /// Creates a temporary file that only the user can read.
    ///
    /// - Returns: its path, for the caller to delete.
    /// - Throws: `Failure` if the file cannot be written.
    static func makeFile(_ content: [UInt8]) throws(Failure) -> String {
        let folder = StandardStreams.variable("TMPDIR") ?? "/tmp"
        var template = Array("\(folder)/wsline-message-XXXXXX.txt".utf8CString)
        let descriptor = mkstemps(&template, 4)
        guard descriptor >= 0 else { throw Failure(.last("creating a file in \(folder)")) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            let file = FileDescriptor(rawValue: descriptor)
            try file.closeAfter { _ = try file.writeAll(content) }
        } catch {
            unlink(path)
            throw Failure(SystemCallError(action: "writing \(path)", error))
        }
        return path
    }

    /// Runs a shell command and waits for it.
    ///
    /// - Parameters:
    ///   - command: the command, which refers to the file as `$1`.
    ///   - path: the file.
    /// - Returns: the exit status.
    /// - Throws: `Failure` if the command cannot be started.
    static func run(_ command: String, _ path: String) throws(Failure) -> Int32 {
        let arguments = ["sh", "-c", command, "sh", path]
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        let error = posix_start(&process, "/bin/sh", nil, 0, &pointers, posix_environment())
        guard error == 0 else {
            throw Failure(SystemCallError(action: "starting \(command)", error: Errno(rawValue: error)))
        }
        var status: Int32 = 0
        while true {
            if waitpid(process, &status, WUNTRACED) < 0 {
                guard posix_errno() == EINTR else { throw Failure(.last("waiting for \(command)")) }
            } else if status & 0xFF == 0x7F {
                // The program is suspended. Suspend this process too, so that the shell shows its prompt.
                kill(getpid(), SIGSTOP)
                kill(process, SIGCONT)
            } else {
                return posix_exit_status(status)
            }
        }
    }
}

extension Failure {
    fileprivate init(_ error: SystemCallError) {
        self.init(.lost, error.description)
    }
}
