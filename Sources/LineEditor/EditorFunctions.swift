import CEditLine

// Key functions that libedit lacks or implements poorly.

extension Editor {
    /// Returns the code that represents a key in libedit. Named keys use C1 control characters, which cannot be typed.
    static func code(of key: Key) -> Unicode.Scalar? {
        switch key {
        case .character(let scalar): scalar
        case .paste: "\u{80}"
        case .left: "\u{81}"
        case .right: "\u{82}"
        case .up: "\u{83}"
        case .down: "\u{84}"
        case .home: "\u{85}"
        case .end: "\u{86}"
        case .delete: "\u{87}"
        case .wordLeft: "\u{88}"
        case .wordRight: "\u{89}"
        case .deleteWord: "\u{8A}"
        case .newline: "\u{8B}"
        case .interrupt, .suspend, .quit: nil
        }
    }

    /// Registers the functions and binds the keys, after the user's own bindings so that those cannot override them.
    func addFunctions() {
        for (name, function) in Self.functions { libedit.add(name, function) }
        for (key, function) in Self.namedKeys {
            libedit.bind(key, to: function)
            libedit.bind(key, to: function, alternate: true)
        }
        for (key, function) in Self.controlKeys { libedit.bind(key, to: function) }
        if libedit.isVi {
            for (key, function) in Self.viCommands { libedit.bind(key, to: function, alternate: true) }
            // libedit's own bindings of escape sequences would make it wait for a second key.
            libedit.bind("\\033", to: "vi-command-mode")
        } else {
            for (key, function) in Self.emacsKeys { libedit.bind(key, to: function) }
        }
    }

    private static let namedKeys = [
        ("\\200", "wsline-paste"), ("\\201", "wsline-left"), ("\\202", "wsline-right"),
        ("\\203", "wsline-previous"), ("\\204", "wsline-next"), ("\\205", "ed-move-to-beg"),
        ("\\206", "ed-move-to-end"), ("\\207", "wsline-delete"), ("\\210", "ed-prev-word"),
        ("\\211", "em-next-word"), ("\\212", "em-delete-next-word"), ("\\213", "wsline-newline"),
    ]

    private static let controlKeys = [
        ("^D", "wsline-delete-or-end"), ("^H", "wsline-backspace"), ("^?", "wsline-backspace"),
        ("^L", "wsline-clear"), ("^N", "wsline-next"), ("^P", "wsline-previous"),
        ("^R", "wsline-search"), ("^S", "wsline-stop"), ("^Q", "wsline-go-on"), ("^U", "vi-kill-line-prev"),
        ("^W", "ed-delete-prev-word"), ("^I", "wsline-complete"), ("^_", "wsline-undo"),
    ]

    private static let emacsKeys = [
        ("^B", "wsline-left"), ("^F", "wsline-right"), ("^[p", "wsline-previous-alike"),
        ("^[n", "wsline-next-alike"), ("^X^E", "wsline-edit"),
        // With these keys, libedit would read a command of its own.
        ("^[x", "wsline-nothing"), ("^[X", "wsline-nothing"),
    ]

    private static let viCommands = [
        ("j", "wsline-next"), ("k", "wsline-previous"), ("/", "wsline-find"), ("?", "wsline-find-forwards"),
        ("^R", "wsline-search"), ("^L", "wsline-clear"), ("^S", "wsline-stop"), ("^Q", "wsline-go-on"),
        ("v", "wsline-edit"), (":", "wsline-nothing"),
    ]

    private static let functions: [(String, LibEdit.Function)] = [
        ("wsline-paste", { handle, _ in perform(handle) { $0.insertPasted() } }),
        ("wsline-undo", { handle, _ in perform(handle) { $0.undoChange() } }),
        ("wsline-nothing", { _, _ in UInt8(CC_NORM) }),
        ("wsline-newline", { handle, _ in perform(handle) { $0.libedit.insert(["\n"]) } }),
        ("wsline-left", { handle, _ in perform(handle) { $0.libedit.moveCursor(by: -$0.scalarsBeforeCursor) } }),
        ("wsline-right", { handle, _ in perform(handle) { $0.libedit.moveCursor(by: $0.scalarsAtCursor) } }),
        ("wsline-backspace", { handle, _ in perform(handle) { $0.deleteBeforeCursor() } }),
        ("wsline-delete", { handle, _ in perform(handle) { $0.deleteAtCursor() } }),
        ("wsline-delete-or-end", { handle, _ in perform(handle) { $0.deleteOrEnd() } }),
        ("wsline-clear", { handle, _ in perform(handle) { $0.screen.clear($0.line) } }),
        ("wsline-previous", { handle, _ in perform(handle) { $0.recall(-1) } }),
        ("wsline-next", { handle, _ in perform(handle) { $0.recall(1) } }),
        ("wsline-previous-alike", { handle, _ in perform(handle) { $0.recallAlike(-1) } }),
        ("wsline-next-alike", { handle, _ in perform(handle) { $0.recallAlike(1) } }),
        ("wsline-stop", { handle, _ in perform(handle) { $0.setPaused(true) } }),
        ("wsline-go-on", { handle, _ in perform(handle) { $0.setPaused(false) } }),
        ("wsline-complete", { handle, _ in perform(handle) { $0.complete() } }),
        ("wsline-search", { handle, _ in perform(handle) { $0.searchHistory(backwards: true) } }),
        ("wsline-find", { handle, _ in perform(handle) { $0.searchHistory(backwards: true, endsWithEnter: true) } }),
        (
            "wsline-find-forwards",
            { handle, _ in perform(handle) { $0.searchHistory(backwards: false, endsWithEnter: true) } }
        ),
        ("wsline-edit", { handle, _ in perform(handle) { $0.yield(.edit) } }),
    ]

    private static func perform(_ handle: OpaquePointer?, _ action: (Editor) -> Void) -> UInt8 {
        guard let editor = LibEdit.client(of: handle, as: Editor.self) else { return UInt8(CC_ERROR) }
        action(editor)
        return UInt8(editor.outcome == .endOfInput ? CC_EOF : CC_REFRESH)
    }
}

// MARK: - Moving and deleting by grapheme cluster

extension Editor {
    /// The maximum number of scalars to consider as one user-perceived character.
    private static let longestCharacter = 64

    private var scalarsBeforeCursor: Int {
        let before = libedit.text[..<libedit.cursor].suffix(Self.longestCharacter)
        return String(Array(before)).last?.unicodeScalars.count ?? 0
    }

    private var scalarsAtCursor: Int {
        let after = libedit.text[libedit.cursor...].prefix(Self.longestCharacter)
        return String(Array(after)).first?.unicodeScalars.count ?? 0
    }

    /// Inserts pasted text. Text copied from another program often ends in a newline that the user does not want.
    private func insertPasted() {
        if pasted.last == "\n" { pasted.removeLast() }
        if libedit.cursor == 0 { pastedStart = Array(pasted.prefix(8)) }
        libedit.insert(pasted)
        pasted = []
    }

    private func undoChange() {
        guard let state = undo.undo() else { return }
        libedit.replace(with: state.text, cursor: state.cursor)
    }

    private func deleteBeforeCursor() {
        libedit.deleteBeforeCursor(scalarsBeforeCursor)
    }

    private func deleteAtCursor() {
        let count = scalarsAtCursor
        libedit.moveCursor(by: count)
        libedit.deleteBeforeCursor(count)
    }

    private func deleteOrEnd() {
        if libedit.text.isEmpty { outcome = .endOfInput } else { deleteAtCursor() }
    }
}

// MARK: - History

extension Editor {
    /// Recalls another entry, or first moves to the line above or below within a multiline text being written.
    private func recall(_ step: Int) {
        let text = libedit.text
        if !history.isRecalled(text), let cursor = text.index(besides: libedit.cursor, lines: step) {
            return libedit.moveCursor(by: cursor - libedit.cursor)
        }
        guard let line = history.move(by: step, from: text) else { return }
        libedit.replace(with: line, cursor: line.count)
    }

    private func recallAlike(_ step: Int) {
        let text = libedit.text
        let cursor = libedit.cursor
        guard let line = history.move(by: step, toPrefix: text[..<cursor], from: text) else { return }
        libedit.replace(with: line, cursor: cursor)
    }

    /// Runs an incremental search while the user types the pattern.
    ///
    /// - Parameters:
    ///   - backwards: whether to search towards older lines.
    ///   - endsWithEnter: whether Enter only ends the search, as in vi; otherwise it also enters the line found.
    private func searchHistory(backwards: Bool, endsWithEnter: Bool = false) {
        let typed = libedit.text
        var search = HistorySearch(before: line, backwards: backwards)
        defer { self.search = nil }
        while true {
            self.search = search
            guard let key = nextKey() else { return }
            switch key {
            case .character("\u{12}"): search.continueSearch(backwards: true, in: history)
            case .character("\u{13}"): search.continueSearch(backwards: false, in: history)
            case .character("\u{08}"), .character("\u{7F}"): search.deleteLast(in: history)
            case .character("\u{07}"), .interrupt: return
            case .character(let scalar) where scalar.value >= 0x20: search.type(scalar, in: history)
            case .paste(let text): for scalar in text { search.type(scalar, in: history) }
            default:
                if let entry = search.entry {
                    history.go(to: entry, from: typed)
                    let found = search.line(in: history)
                    libedit.replace(with: found.text, cursor: found.cursor)
                }
                if endsWithEnter, key == .character("\r") || key == .character("\n") { return }
                // The key ends the search and then has its usual effect.
                return reader.putBack(key)
            }
        }
    }
}

extension [Unicode.Scalar] {
    /// Returns the index at the same column, or at the end, of the line above (-1) or below (1) the given index; nil
    /// when there is no such line.
    fileprivate func index(besides index: Int, lines step: Int) -> Int? {
        let start = (self[..<index].lastIndex(of: "\n") ?? -1) + 1
        let column = index - start
        if step < 0 {
            guard start > 0 else { return nil }
            let above = (self[..<(start - 1)].lastIndex(of: "\n") ?? -1) + 1
            return Swift.min(above + column, start - 1)
        }
        guard let end = self[index...].firstIndex(of: "\n") else { return nil }
        return Swift.min(end + 1 + column, self[(end + 1)...].firstIndex(of: "\n") ?? count)
    }
}
