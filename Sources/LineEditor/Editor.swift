import CEditLine
import SystemPackage

/// The editor, which reads keys for libedit, draws the line being edited, and prints text above it.
///
/// It is confined to the terminal's queue.
final class Editor {
    /// The reason why a line ended without Enter.
    enum Outcome {
        case interrupt, endOfInput, terminalGone, closing
    }

    static let bracketedPasteOn = "\u{1B}[?2004h"
    static let bracketedPasteOff = "\u{1B}[?2004l"

    let libedit: LibEdit
    var reader: KeyReader
    var screen: Screen
    var history: History
    /// The search in progress, if any.
    var search: HistorySearch?
    /// Pasted text that the function bound to pasting will insert.
    var pasted: [Unicode.Scalar] = []
    /// The start of the paste with which the line begins; empty when the beginning was typed.
    var pastedStart: [Unicode.Scalar] = []
    var undo = UndoStack()
    /// Returns a warning about a line, which the user confirms with a second Enter.
    private var lineCheck: (@Sendable (String) -> String?)?
    /// The last warning, and the line that it is about.
    private var warning: (text: [Unicode.Scalar], message: String)?
    var outcome: Outcome?

    let mode: RawMode
    let outbox: Outbox
    private let wakeUp: WakeUp
    let yield: (Terminal.Event) -> Void
    private var prompt: String
    private var entryPrefix: (@Sendable () -> String)?
    private var pacer = PrintPacer()
    private var hasWork = false
    /// Whether the user has paused the display with Ctrl-S.
    private var isPaused = false
    /// Whether the line is hidden because another process is printing on the terminal.
    private var isHidden = false
    let completer: (@Sendable (String) -> Completion?)?
    private let quotePasted: @Sendable (String) -> String
    var ownStopEndedAt: ContinuousClock.Instant?

    init?(
        _ configuration: Terminal.Configuration,
        mode: RawMode,
        terminal: PrivateTerminal,
        outbox: Outbox,
        wakeUp: WakeUp,
        yield: @escaping (Terminal.Event) -> Void
    ) {
        let reader: LibEdit.Reader = { handle, character in
            guard let editor = LibEdit.client(of: handle, as: Editor.self), let character else { return -1 }
            guard let code = editor.nextCharacter() else { return -1 }
            character.pointee = wchar_t(truncatingIfNeeded: code.value)
            return 1
        }
        guard let libedit = LibEdit(program: configuration.name, terminal: terminal, reader: reader) else { return nil }
        self.libedit = libedit
        self.mode = mode
        self.outbox = outbox
        self.wakeUp = wakeUp
        self.yield = yield
        prompt = configuration.prompt
        completer = configuration.completer
        quotePasted = configuration.quotePasted
        history = History(limit: configuration.historyLimit)
        for line in configuration.history { history.add(Array(line.unicodeScalars)) }
        screen = Screen(output: FileDescriptor(rawValue: configuration.output), kind: TerminalKind.current)
        self.reader = KeyReader(
            input: FileDescriptor(rawValue: configuration.input),
            wakeUp: wakeUp,
            specials: KeyParser.Specials(
                interrupt: mode.controlCharacter(VINTR),
                suspend: mode.controlCharacter(VSUSP),
                quit: mode.controlCharacter(VQUIT),
                literalNext: mode.controlCharacter(VLNEXT)
            )
        )
        libedit.setClient(self)
        libedit.source()
        addFunctions()
    }

    /// Edits lines until the outbox is closed, then restores the terminal.
    func run() {
        terminal_catch_signals(wakeUp.writingEnd.rawValue)
        terminal_unblock_signals()
        takeTerminal()
        while outcome != .closing {
            if outcome == .terminalGone { handleNextEvent() } else { editLine() }
        }
        giveTerminalBack()
        terminal_release_signals()
    }

    private func editLine() {
        (outcome, pastedStart, undo, warning) = (nil, [], UndoStack(), nil)
        let line = libedit.readLine()
        switch outcome {
        case nil:
            guard let line else { return }
            screen.end(Line(prompt: (entryPrefix?() ?? "") + prompt, text: line, cursor: line.count))
            let isPasted = !pastedStart.isEmpty && line.starts(with: pastedStart)
            let entered = isPasted ? quotePasted(String(line)) : String(line)
            history.add(Array(entered.unicodeScalars))
            yield(.line(entered))
        case .interrupt:
            history.reset()
        case .endOfInput, .terminalGone:
            yield(.endOfInput)
        case .closing:
            break
        }
    }

    // MARK: Keys

    /// Returns the next character for libedit; nil ends the line.
    private func nextCharacter() -> Unicode.Scalar? {
        var pressed = nextKey()
        while let key = pressed, isHeldBack(key) { pressed = nextKey() }
        guard let key = pressed else { return nil }
        if key == .interrupt {
            interrupt()
            return nil
        }
        let isChanged = undo.note(UndoStack.State(text: libedit.text, cursor: libedit.cursor))
        if !isChanged { libedit.redraw() }
        if !pastedStart.isEmpty, libedit.text.isEmpty { pastedStart = [] }
        if case .paste(let text) = key { pasted = text }
        return Self.code(of: key)
    }

    /// Whether the key is an Enter that only shows a warning about the line.
    private func isHeldBack(_ key: Key) -> Bool {
        guard key == .character("\r") || key == .character("\n"), let lineCheck else { return false }
        let text = libedit.text
        guard warning?.text != text, let message = lineCheck(String(text)) else { return false }
        warning = (text, message)
        return true
    }

    /// Waits for a key and handles all other events meanwhile; nil ends the line.
    func nextKey() -> Key? {
        while outcome == nil {
            if let key = reader.nextKey() {
                switch key {
                // Signal the whole job, as the kernel does; the signal's handler then stops this process.
                case .suspend: kill(0, SIGTSTP)
                case .quit: kill(0, SIGQUIT)
                default: return key
                }
            } else if reader.isAtEnd {
                noteEnd()
            } else {
                handleNextEvent()
            }
        }
        return nil
    }

    private func interrupt() {
        let text = libedit.text
        outcome = .interrupt
        if text.isEmpty {
            yield(.interrupt)
        } else {
            screen.end(Line(prompt: prompt, text: text, cursor: text.count), suffix: "^C")
        }
    }

    private func noteEnd() {
        if mode.isInForeground || screen.isGone {
            outcome = .terminalGone
        } else {
            // In the background, reading fails as if the terminal were gone.
            reader.reopen()
            takeTerminal()
        }
    }

    // MARK: Other events

    /// The line to show.
    var line: Line {
        if outcome == .terminalGone { return Line() }
        if let search { return search.display(in: history) }
        let text = libedit.text
        let notice = warning.flatMap { $0.text == text ? $0.message + " " : nil } ?? ""
        return Line(
            prompt: (isPaused ? "[paused, Ctrl-Q resumes] " : "") + notice + prompt,
            text: text,
            cursor: libedit.cursor
        )
    }

    /// Waits for an event and handles it.
    private func handleNextEvent() {
        if hasWork && (isPaused || pacer.delay == .zero) { return processOutbox() }
        if !isHidden { screen.show(line) }
        let events = reader.wait(hasWork ? pacer.delay : nil)
        if events.isWoken { hasWork = true }
        if events.signals.contains(SIGINT) { reader.append(.interrupt) }
        if events.signals.contains(SIGTSTP) { suspend() }
        if events.signals.contains(SIGCONT) { handleContinue() }
    }

    private func processOutbox() {
        let work = outbox.take(upTo: isPaused ? 0 : pacer.limit)
        hasWork = work.hasMore && !isPaused
        for request in work.requests { handle(request) }
        if !work.text.isEmpty {
            let start = ContinuousClock.now
            screen.print(work.text, above: isHidden ? nil : line)
            pacer.printed(work.text.count, in: ContinuousClock.now - start)
        }
        if work.isClosing {
            if isPaused { setPaused(false) }
            if !work.hasMore { close() }
        }
    }

    private func handle(_ request: Outbox.Request) {
        switch request {
        case .prompt(let prompt): self.prompt = prompt
        case .entryPrefix(let prefix): entryPrefix = prefix
        case .lineCheck(let check): lineCheck = check
        case .control(let sequence): screen.tell(sequence)
        case .recall(let text):
            guard outcome == nil else { break }
            // Text that the user has typed meanwhile follows.
            let line = Array(text.unicodeScalars) + libedit.text
            libedit.replace(with: line, cursor: line.count)
        case .hide(let done):
            isHidden = true
            screen.erase()
            done()
        case .show: isHidden = false
        case .lend(let body, let continuation):
            if outcome == nil {
                screen.erase()
                giveTerminalBack()
                let text = body(String(libedit.text))
                takeTerminal()
                if let text = text.map({ Array($0.unicodeScalars) }) { libedit.replace(with: text, cursor: text.count) }
                screen.forget()
                // Signals that arrived meanwhile were meant for the other program.
                _ = wakeUp.drain()
                hasWork = true
            }
            continuation.resume()
        }
    }

    /// Pauses or resumes the display (Ctrl-S and Ctrl-Q). Text to print is kept meanwhile.
    func setPaused(_ isPaused: Bool) {
        self.isPaused = isPaused
        outbox.setPaused(isPaused)
        if !isPaused { hasWork = true }
    }

    private func close() {
        if outcome != .terminalGone {
            let text = libedit.text
            if text.isEmpty {
                screen.erase()
            } else {
                screen.end(Line(prompt: prompt, text: text))
                yield(.unfinished(String(text)))
            }
        }
        outcome = .closing
    }
}
