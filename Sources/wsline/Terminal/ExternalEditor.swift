import CPOSIX

/// Edits a message in the user's editor.
enum ExternalEditor {
    /// Opens a text in `$VISUAL`, `$EDITOR` or vi, and returns the saved text without its final newline.
    ///
    /// Blocks until the editor exits. The terminal must have been lent to it.
    ///
    /// - Throws: `Failure` if the editor cannot be started, fails, or saves text that is not UTF-8. If it saved a
    ///   changed text before failing, the text stays in a file that the failure names.
    static func write(_ start: String) throws(Failure) -> String {
        let path = try TerminalProgram.makeFile(start.isEmpty ? [] : Array((start + "\n").utf8))
        var isKept = false
        defer { if !isKept { unlink(path) } }
        let editor =
            [StandardStreams.variable("VISUAL"), StandardStreams.variable("EDITOR")]
            .compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
        let status = try TerminalProgram.run(editor + " \"$1\"", path)
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
}
