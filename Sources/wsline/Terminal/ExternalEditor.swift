import CPOSIX
import SystemPackage

/// Edits a message in the user's editor.
enum ExternalEditor {
    /// Opens a text in `$VISUAL`, `$EDITOR` or vi, and returns the saved text without its final newline.
    ///
    /// Blocks until the editor exits. The terminal must have been lent to it.
    ///
    /// - Throws: `Failure` if the editor cannot be started, fails, or saves text that is not UTF-8. If it saved a
    ///   changed text before failing, the text stays in a file that the failure names.
    static func write(_ start: String) throws(Failure) -> String {
        let folder = StandardStreams.variable("TMPDIR") ?? "/tmp"
        var template = Array("\(folder)/wsline-message-XXXXXX.txt".utf8CString)
        let descriptor = mkstemps(&template, 4)
        guard descriptor >= 0 else { throw Failure(.last("creating a file in \(folder)")) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var isKept = false
        defer { if !isKept { unlink(path) } }
        do {
            let file = FileDescriptor(rawValue: descriptor)
            try file.closeAfter { if !start.isEmpty { try file.writeAll((start + "\n").utf8) } }
        } catch {
            throw Failure(SystemCallError(action: "writing \(path)", error))
        }
        let editor =
            [StandardStreams.variable("VISUAL"), StandardStreams.variable("EDITOR")]
            .compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
        let status = try run(editor, path)
        let bytes = try MessageFile.read(path)
        let content = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        let text = String(validating: content, as: UTF8.self)
        if let text, status == 0 { return text }
        isKept = text != start
        let kept = isKept ? "; the saved text is in \(path)" : "; the line is unchanged"
        guard status != 0 else {
            throw Failure(.unsendableInput, "the text saved by \"\(editor)\" is not UTF-8\(kept)")
        }
        throw Failure(.lost, "\"\(editor)\" failed with status \(status)\(kept)")
    }

    /// Runs a shell command, which may include arguments, with a file as its last argument. Returns the exit status.
    private static func run(_ command: String, _ path: String) throws(Failure) -> Int32 {
        let arguments = ["sh", "-c", command + " \"$1\"", "sh", path]
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
                // The editor is suspended. Suspend this process too, so that the shell shows its prompt.
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
