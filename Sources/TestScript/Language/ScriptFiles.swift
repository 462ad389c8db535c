import CPOSIX
import SystemPackage
import WebSocketProtocol

/// The script files named on the command line.
package enum ScriptFiles {
    /// The maximum size of a script, in bytes.
    static let sizeLimit = 16 << 20

    /// Lists the files; a folder is replaced by all `.ws` files in it and its subfolders, sorted by name.
    ///
    /// - Throws: `FileError` for a folder that cannot be read or contains no scripts.
    package static func list(_ names: [String]) throws(FileError) -> [String] {
        var files: [String] = []
        for name in names {
            guard isFolder(name) else {
                files.append(name)
                continue
            }
            let found = try scripts(below: name)
            guard !found.isEmpty else {
                throw FileError("no .ws files in the folder \"\(name)\"")
            }
            files += found
        }
        return files
    }

    /// Reads, parses and checks a script.
    ///
    /// - Parameters:
    ///   - file: the file name; `-` for standard input.
    ///   - side: the side of the connection that the script plays.
    ///   - variable: returns the value of a variable known before the run; nil for any other.
    ///   - isSelected: whether a test is going to run; only those are checked.
    /// - Returns: the script, or all of its mistakes.
    /// - Throws: `FileError` if the file cannot be read.
    package static func read(
        _ file: String,
        _ side: Script.Side,
        _ variable: (String) -> String?,
        isSelected: (ScriptTest) -> Bool = { _ in true }
    ) throws(FileError) -> Result<Script, ScriptProblems> {
        let bytes = try InputFile.read(file == "-" ? InputFile.standardInput : file, limit: sizeLimit, of: "a script")
        return parse(bytes, file, side, variable, isSelected: isSelected)
    }

    /// Parses and checks the content of a script file.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file.
    ///   - file: the file name; `-` for standard input.
    ///   - side: the side of the connection that the script plays.
    ///   - variable: returns the value of a variable known before the run; nil for any other.
    ///   - isSelected: whether a test is going to run; only those are checked.
    /// - Returns: the script, or all of its mistakes.
    package static func parse(
        _ bytes: [UInt8],
        _ file: String,
        _ side: Script.Side,
        _ variable: (String) -> String?,
        isSelected: (ScriptTest) -> Bool = { _ in true }
    ) -> Result<Script, ScriptProblems> {
        let folder = file == "-" ? "" : file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
        return Result { () throws(ScriptProblems) in
            try ScriptParser.parse(
                try text(of: bytes, file),
                path: file,
                folder: file.hasPrefix("/") && folder.isEmpty ? "/" : folder,
                side: side,
                variable: variable,
                isSelected: isSelected
            )
        }
    }

    static func text(of bytes: [UInt8], _ file: String) throws(ScriptProblems) -> String {
        guard let invalid = bytes.withUnsafeBytes({ UTF8Validator.firstInvalid(inText: $0) }) else {
            let text = String(decoding: bytes, as: UTF8.self)
            // Skip the byte order mark that Windows editors write.
            return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        }
        let number = bytes[..<invalid].count { $0 == UInt8(ascii: "\n") } + 1
        let start = bytes[..<invalid].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = bytes[start...].prefix { $0 != UInt8(ascii: "\n") }
        let column = String(decoding: bytes[start..<invalid], as: UTF8.self).count + 1
        let source = ScriptLine(String(decoding: line, as: UTF8.self), number: number, path: file)
        throw ScriptProblems([source.problem(at: column, "the file is not UTF-8")])
    }

    private static func isFolder(_ path: String, followsLinks: Bool = true) -> Bool {
        (try? Stat(UserPath.expand(path), followTargetSymlink: followsLinks).type) == .directory
    }

    private static func scripts(below folder: String) throws(FileError) -> [String] {
        guard let entries = opendir(UserPath.expand(folder)) else {
            throw FileError(
                "cannot read the folder \"\(folder)\": \(InputFile.systemError(Errno(rawValue: posix_errno())))"
            )
        }
        var names: [String] = []
        while let entry = readdir(entries) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
            )
        }
        closedir(entries)
        let start = folder.hasSuffix("/") ? folder : folder + "/"
        var files: [String] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            // Do not follow symbolic links to folders, which may form a cycle.
            if isFolder(start + name, followsLinks: false) {
                files += try scripts(below: start + name)
            } else if name.hasSuffix(".ws") {
                files.append(start + name)
            }
        }
        return files
    }
}
