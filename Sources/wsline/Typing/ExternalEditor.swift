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
    /// - Throws: `Diagnostic` when that could not be done.
    static func write(_ start: String) throws(Diagnostic) -> String {
        let folder = StandardStreams.variable("TMPDIR") ?? "/tmp"
        var template = Array("\(folder)/wsline-message-XXXXXX.txt".utf8CString)
        let descriptor = mkstemps(&template, 4)
        guard descriptor >= 0 else { throw Diagnostic(.last("making a file in \(folder)")) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        do throws(SystemCallError) {
            defer { close(descriptor) }
            if !start.isEmpty {
                try StandardStreams.write(Array((start + "\n").utf8), to: descriptor, "writing to \(path)")
            }
        } catch {
            throw Diagnostic(error)
        }
        let editor =
            [StandardStreams.variable("VISUAL"), StandardStreams.variable("EDITOR")]
            .compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
        let status = try run(editor, path)
        guard status == 0 else {
            throw Diagnostic(.lost, "\(editor) ended with status \(status); nothing was taken from it")
        }
        let bytes = try MessageFile.read(path)
        let text = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard let text = String(validating: text, as: UTF8.self) else {
            throw Diagnostic(.unsendableInput, "what \(editor) wrote is not UTF-8")
        }
        return text
    }

    /// Runs a command of the shell, which may have arguments of its own, with a file; returns its status.
    private static func run(_ command: String, _ path: String) throws(Diagnostic) -> Int32 {
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
            throw Diagnostic(SystemCallError(action: "starting \(command)", number: error))
        }
        var status: Int32 = 0
        while true {
            if waitpid(process, &status, WUNTRACED) < 0 {
                guard errno == EINTR else { throw Diagnostic(.last("waiting for \(command)")) }
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

extension Diagnostic {
    fileprivate init(_ error: SystemCallError) {
        self.init(.lost, error.description)
    }
}

/// A file whose content is a message.
enum MessageFile {
    /// No message is longer; it would have to be in memory twice.
    private static let limit = 1 << 30

    /// Reads a whole file.
    ///
    /// - Throws: `Diagnostic` that names the file.
    static func read(_ path: String) throws(Diagnostic) -> [UInt8] {
        func failure() -> Diagnostic {
            Diagnostic(.noInput, "cannot read \"\(path)\": \(SystemCallError.words(of: errno))")
        }
        let descriptor = open(FilePath.expand(path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        guard status.st_size <= limit else {
            throw Diagnostic(.noInput, "\"\(path)\" has \(status.st_size) bytes, and a message at most \(limit)")
        }
        var content: [UInt8] = []
        content.reserveCapacity(Int(status.st_size) + 1)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while content.count <= limit {
            #if canImport(Darwin)
            let count = Darwin.read(descriptor, &buffer, buffer.count)
            #elseif canImport(Musl)
            let count = Musl.read(descriptor, &buffer, buffer.count)
            #else
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            #endif
            if count > 0 {
                content += buffer[..<count]
            } else if count == 0 {
                return content
            } else if errno != EINTR {
                throw failure()
            }
        }
        throw Diagnostic(.noInput, "\"\(path)\" has more than \(limit) bytes, the most that a message may have")
    }
}
