import CPOSIX
import Dispatch
import SystemPackage

/// The lines typed in this and earlier sessions, in a file shared by all running sessions.
///
/// Each line of the file is one typed line, with newlines encoded as `\n` and backslashes as `\\`. Sessions append
/// under a lock; a session that finds the file too long replaces it. If the file is a symbolic link, its target is
/// replaced.
struct HistoryFile: Sendable {
    /// The number of lines to keep.
    static let limit = 10_000
    /// The number of bytes at the end of the file that are used.
    private static let sizeLimit: Int64 = 16 << 20

    let path: String
    /// How long to wait for a lock held by another process.
    private let lockTimeout: Duration
    /// Runs blocking calls on behalf of callers.
    private let queue = DispatchQueue(label: "history")

    init(path: String, lockTimeout: Duration = .seconds(3)) {
        self.path = path
        self.lockTimeout = lockTimeout
    }

    /// Returns the user's history: `$XDG_STATE_HOME/wsline/history`, or by default `~/.local/state/wsline/history`; nil
    /// without a home directory.
    static func ofUser(_ variable: (String) -> String?) -> HistoryFile? {
        if let state = variable("XDG_STATE_HOME"), state.hasPrefix("/") {
            return HistoryFile(path: state + "/wsline/history")
        }
        guard let home = variable("HOME"), home.hasPrefix("/"), access(home, F_OK) == 0 else { return nil }
        return HistoryFile(path: home + "/.local/state/wsline/history")
    }

    /// Returns the lines, oldest first; an empty array if there is no file yet.
    func load() throws(HistoryError) -> [String] {
        try named("reading the history \(path)") {
            do {
                // Non-blocking, in case the file is a FIFO.
                let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
                return try file.closeAfter { try lines(of: file).suffix(Self.limit).map(Self.decode) }
            } catch Errno.noSuchFileOrDirectory {
                return []
            }
        }
    }

    /// Appends a line without blocking the caller, unless it equals the last one or begins with a space.
    ///
    /// - Parameters:
    ///   - line: the line as typed.
    ///   - completion: called on the history's queue; with an error if the line could not be appended.
    func append(_ line: String, completion: @escaping @Sendable (HistoryError?) -> Void) {
        guard !line.isEmpty, !line.hasPrefix(" ") else { return completion(nil) }
        queue.async {
            do throws(HistoryError) {
                try add(Self.encode(line))
                completion(nil)
            } catch {
                completion(error)
            }
        }
    }

    /// Returns once all lines have been appended.
    func flush() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    private func add(_ line: String) throws(HistoryError) {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            guard access(folder, F_OK) == 0 || mkdir(folder, 0o700) == 0 else {
                throw .system(.last("creating the folder \(folder)"))
            }
        }
        try named("writing the history \(path)") {
            let file = try openLocked()
            try file.closeAfter { try add(line, to: file) }
        }
    }

    private func add(_ line: String, to file: FileDescriptor) throws {
        let status = try file.stat()
        let lines = try lines(of: file)
        guard lines.last.map({ String($0) }) != line else { return }
        if lines.count >= Self.limit + Self.limit / 10 || status.size > Self.sizeLimit {
            let kept = lines.suffix(Self.limit - 1).map(String.init) + [line]
            return try replace(with: Array((kept.joined(separator: "\n") + "\n").utf8), status.permissions)
        }
        // A crash may have left an incomplete line.
        let start = try status.size == 0 || lastByte(of: file, size: status.size) == UInt8(ascii: "\n") ? "" : "\n"
        try file.writeAll((start + line + "\n").utf8)
    }

    /// Opens and locks the file. Starts over if another session has replaced it before the lock was acquired.
    private func openLocked() throws -> FileDescriptor {
        let deadline = ContinuousClock.now + lockTimeout
        while true {
            let file = try FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .append, .closeOnExec, .nonBlocking],
                permissions: .ownerReadWrite
            )
            do {
                while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
                    guard .now < deadline else { throw HistoryError.locked(path) }
                    usleep(20_000)
                }
                let (opened, named) = (try file.stat(), try? Stat(path))
                if opened.inode == named?.inode, opened.deviceID == named?.deviceID { return file }
                try file.close()
            } catch {
                try? file.close()
                throw error
            }
        }
    }

    /// Replaces the file, or the target of the link; atomically, unless the folder is read-only.
    private func replace(with content: [UInt8], _ permissions: FilePermissions) throws {
        guard let resolved = realpath(path, nil) else { throw Errno(rawValue: posix_errno()) }
        defer { free(resolved) }
        let target = String(cString: resolved)
        let new = "\(target).\(getpid())"
        let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec]
        guard let file = try? FileDescriptor.open(new, .writeOnly, options: options, permissions: permissions) else {
            let file = try FileDescriptor.open(target, .writeOnly, options: .closeOnExec)
            return try file.closeAfter { try file.resize(to: Int64(file.writeAll(content))) }
        }
        do {
            try file.closeAfter {
                try file.writeAll(content)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: posix_errno()) }
            }
            guard rename(new, target) == 0 else { throw Errno(rawValue: posix_errno()) }
        } catch {
            unlink(new)
            throw error
        }
    }

    private func lines(of file: FileDescriptor) throws -> [Substring] {
        let status = try file.stat()
        guard status.type == .regular else { throw HistoryError.notAFile(path) }
        let start = max(0, status.size - Self.sizeLimit)
        try file.seek(offset: start, from: .start)
        var content = [UInt8](repeating: 0, count: Int(status.size - start))
        var count = 0
        while count < content.count {
            let more = try content.withUnsafeMutableBytes { try file.read(into: .init(rebasing: $0[count...])) }
            if more == 0 { break }
            count += more
        }
        let lines = String(decoding: content[..<count], as: UTF8.self).split(separator: "\n")
        // The first line may be incomplete.
        return start > 0 ? Array(lines.dropFirst()) : lines
    }

    private func lastByte(of file: FileDescriptor, size: Int64) throws -> UInt8 {
        var byte: UInt8 = 0
        _ = try withUnsafeMutableBytes(of: &byte) { try file.read(fromAbsoluteOffset: size - 1, into: $0) }
        return byte
    }

    /// Calls `body`, and adds the action to its errors.
    private func named<Result>(_ action: String, _ body: () throws -> Result) throws(HistoryError) -> Result {
        do {
            return try body()
        } catch let error as HistoryError {
            throw error
        } catch {
            throw .system(SystemCallError(action: action, error))
        }
    }
}

/// The reason why the history cannot be used.
enum HistoryError: Error, CustomStringConvertible {
    case locked(String)
    case notAFile(String)
    case system(SystemCallError)

    var description: String {
        switch self {
        case .locked(let path): "\(path) is locked by another process"
        case .notAFile(let path): "\(path) is not a regular file"
        case .system(let error): error.description
        }
    }
}

extension HistoryFile {
    private static func encode(_ line: String) -> String {
        var encoded: [UInt8] = []
        for byte in line.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): encoded += "\\\\".utf8
            case UInt8(ascii: "\n"): encoded += "\\n".utf8
            default: encoded.append(byte)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
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
