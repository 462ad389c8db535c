#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The lines typed in this and earlier sessions, in a file that running sessions share.
///
/// A line of the file is a line typed, with `\n` for a newline in it and `\\` for a backslash. Sessions append under a
/// lock; whoever finds the file too long puts a shorter one in its place at once.
struct HistoryFile: Sendable {
    /// How many lines are kept.
    static let limit = 10_000

    let path: String

    /// The file of this user: `$XDG_STATE_HOME/wsline/history`, `~/.local/state` standing in; nil without a home.
    static func ofUser(_ variable: (String) -> String?) -> HistoryFile? {
        if let state = variable("XDG_STATE_HOME"), state.hasPrefix("/") {
            return HistoryFile(path: state + "/wsline/history")
        }
        guard let home = variable("HOME"), home.hasPrefix("/"), access(home, F_OK) == 0 else { return nil }
        return HistoryFile(path: home + "/.local/state/wsline/history")
    }

    /// Returns the lines, oldest first; none when there is no file yet.
    ///
    /// - Throws: `SystemCallError`.
    func load() throws(SystemCallError) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw .last("reading the history \(path)")
        }
        defer { close(descriptor) }
        return Self.lines(of: try readAll(descriptor)).suffix(Self.limit).map(Self.decode)
    }

    /// Adds a line, unless it is the same as the last one or begins with a space.
    ///
    /// - Throws: `SystemCallError`.
    func append(_ line: String) throws(SystemCallError) {
        guard !line.isEmpty, !line.hasPrefix(" ") else { return }
        try makeFolders()
        let descriptor = try openLocked()
        defer { close(descriptor) }
        let content = try readAll(descriptor)
        let encoded = Self.encode(line)
        let lines = Self.lines(of: content)
        guard lines.last.map({ String($0) }) != encoded else { return }
        if lines.count >= Self.limit + Self.limit / 10 {
            try replace(
                with: (lines.suffix(Self.limit - 1).map(String.init) + [encoded]).joined(separator: "\n") + "\n"
            )
        } else {
            // A line that somebody's crash cut short must not swallow this one.
            let start = content.last.map { $0 == UInt8(ascii: "\n") ? "" : "\n" } ?? ""
            try StandardStreams.write(
                Array((start + encoded + "\n").utf8),
                to: descriptor,
                "writing the history \(path)"
            )
        }
    }

    /// Opens the file that has the name when the lock is got: another session may have replaced it meanwhile.
    private func openLocked() throws(SystemCallError) -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw .last("opening the history \(path)") }
            while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
            var opened = stat()
            var named = stat()
            if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino {
                return descriptor
            }
            close(descriptor)
        }
    }

    private func replace(with content: String) throws(SystemCallError) {
        let new = "\(path).\(getpid())"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .last("writing the history \(new)") }
        do throws(SystemCallError) {
            try StandardStreams.write(Array(content.utf8), to: descriptor, "writing the history \(new)")
            guard fsync(descriptor) == 0, rename(new, path) == 0 else { throw .last("writing the history \(path)") }
            close(descriptor)
        } catch {
            close(descriptor)
            unlink(new)
            throw error
        }
    }

    private func makeFolders() throws(SystemCallError) {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST || access(folder, F_OK) == 0 else {
                throw .last("making the folder \(folder)")
            }
        }
    }

    private func readAll(_ descriptor: Int32) throws(SystemCallError) -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                content += buffer[..<count]
            } else if count == 0 {
                return content
            } else if errno != EINTR {
                throw .last("reading the history \(path)")
            }
        }
    }

    private static func lines(of content: [UInt8]) -> [Substring] {
        String(decoding: content, as: UTF8.self).split(separator: "\n")
    }

    private static func encode(_ line: String) -> String {
        var encoded = String.UnicodeScalarView()
        for scalar in line.unicodeScalars {
            switch scalar {
            case "\\": encoded.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": encoded.append(contentsOf: "\\n".unicodeScalars)
            default: encoded.append(scalar)
            }
        }
        return String(encoded)
    }

    private static func decode(_ line: Substring) -> String {
        var decoded = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in line.unicodeScalars {
            if isEscaped {
                decoded.append(scalar == "n" ? "\n" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                decoded.append(scalar)
            }
        }
        return String(decoded)
    }
}
