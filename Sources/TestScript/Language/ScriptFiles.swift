import CPOSIX
import SystemPackage
import WebSocketProtocol

/// The scripts that a command line names.
package enum ScriptFiles {
    /// The most bytes of a script.
    static let sizeLimit = 16 << 20

    /// Lists the files: those named, and for a folder all below it whose names end in `.ws`, in the order of their names.
    ///
    /// - Throws: `FileError` for what is not there, or a folder without scripts.
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

    /// Reads a script.
    ///
    /// - Parameters:
    ///   - file: its name; `-` for standard input.
    ///   - side: which side of a connection it plays.
    ///   - variable: returns the value of a variable that is known beforehand.
    /// - Returns: the script, or all that is wrong with it.
    /// - Throws: `FileError` when it can't be read.
    package static func read(
        _ file: String,
        _ side: Script.Side,
        _ variable: (String) -> String?
    ) throws(FileError) -> Result<Script, ScriptProblems> {
        let bytes = try InputFile.read(file == "-" ? "/dev/stdin" : file, limit: sizeLimit, of: "a script")
        return parse(bytes, file, side, variable)
    }

    /// Reads a script that stands in a file.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file.
    ///   - file: its name; `-` for standard input.
    ///   - side: which side of a connection it plays.
    ///   - variable: returns the value of a variable that is known beforehand.
    /// - Returns: the script, or all that is wrong with it.
    package static func parse(
        _ bytes: [UInt8],
        _ file: String,
        _ side: Script.Side,
        _ variable: (String) -> String?
    ) -> Result<Script, ScriptProblems> {
        let folder = file == "-" ? "" : file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
        return Result { () throws(ScriptProblems) in
            try ScriptParser.parse(
                try text(of: bytes, file),
                path: file,
                folder: file.hasPrefix("/") && folder.isEmpty ? "/" : folder,
                side: side,
                variable: variable
            )
        }
    }

    private static func text(of bytes: [UInt8], _ file: String) throws(ScriptProblems) -> String {
        guard let invalid = bytes.withUnsafeBytes({ UTF8Validator.firstInvalid(inText: $0) }) else {
            let text = String(decoding: bytes, as: UTF8.self)
            // Windows editors put a mark at the start that is no part of the text.
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
            // A link to a folder may lead back here.
            if isFolder(start + name, followsLinks: false) {
                files += try scripts(below: start + name)
            } else if name.hasSuffix(".ws") {
                files.append(start + name)
            }
        }
        return files
    }
}
