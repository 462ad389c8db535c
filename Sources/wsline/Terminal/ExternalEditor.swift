#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A message written in the user's editor.
enum ExternalEditor {
    /// Starts `$VISUAL`, `$EDITOR` or vi on a text and returns what became of it, without its last newline.
    ///
    /// Blocks until the editor has ended, and must have the terminal.
    ///
    /// - Throws: `Failure` when that could not be done.
    static func write(_ start: String) throws(Failure) -> String {
        let folder = StandardStreams.variable("TMPDIR") ?? "/tmp"
        var template = Array("\(folder)/wsline-message-XXXXXX.txt".utf8CString)
        let descriptor = mkstemps(&template, 4)
        guard descriptor >= 0 else { throw Failure(.last("making a file in \(folder)")) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        do throws(SystemCallError) {
            defer { close(descriptor) }
            if !start.isEmpty {
                try StandardStreams.write(Array((start + "\n").utf8), to: descriptor, "writing to \(path)")
            }
        } catch {
            throw Failure(error)
        }
        let editor =
            [StandardStreams.variable("VISUAL"), StandardStreams.variable("EDITOR")]
            .compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
        let status = try run(editor, path)
        guard status == 0 else {
            throw Failure(.lost, "\(editor) ended with status \(status); nothing was taken from it")
        }
        let bytes = try MessageFile.read(path)
        let text = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard let text = String(validating: text, as: UTF8.self) else {
            throw Failure(.unsendableInput, "what \(editor) wrote is not UTF-8")
        }
        return text
    }

    /// Runs a command of the shell, which may have arguments of its own, with a file; returns its status.
    private static func run(_ command: String, _ path: String) throws(Failure) -> Int32 {
        #if canImport(Darwin)
        var attributes: posix_spawnattr_t?
        #else
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Ours are handled and ignored signals, and on Dispatch's threads blocked ones.
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigdelset(&all, SIGKILL)
        sigdelset(&all, SIGSTOP)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        let arguments = ["sh", "-c", command + " \"$1\"", "sh", path]
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        let error = posix_spawn(&process, "/bin/sh", nil, &attributes, &pointers, environ)
        guard error == 0 else {
            throw Failure(SystemCallError(action: "starting \(command)", number: error))
        }
        var status: Int32 = 0
        while true {
            if waitpid(process, &status, WUNTRACED) < 0 {
                guard errno == EINTR else { throw Failure(.last("waiting for \(command)")) }
            } else if status & 0xFF == 0x7F {
                // Suspended: so are we, and the shell has its prompt.
                kill(getpid(), SIGSTOP)
                kill(process, SIGCONT)
            } else {
                return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
            }
        }
    }
}

extension Failure {
    fileprivate init(_ error: SystemCallError) {
        self.init(.lost, error.description)
    }
}
