import CEditLine
import SystemPackage

/// The editor: reads keys for libedit, paints the line, and prints above it.
///
/// Only the terminal's queue uses it.
final class Editor {
    /// Why a line ended without Enter.
    enum Outcome {
        case interrupt, endOfInput, terminalGone, closing
    }

    static let bracketedPasteOn = "\u{1B}[?2004h"
    static let bracketedPasteOff = "\u{1B}[?2004l"

    let libedit: LibEdit
    var reader: KeyReader
    var screen: Screen
    var history: History
    /// The search that is going on, if any.
    var search: HistorySearch?
    /// Pasted text, waiting for the function bound to pasting.
    var pasted: [Unicode.Scalar] = []
    /// The beginning of a paste that the line began with; empty when it was typed.
    var pastedStart: [Unicode.Scalar] = []
    var undo = UndoStack()
    var outcome: Outcome?

    private let mode: RawMode
    private let outbox: Outbox
    private let wakeUp: WakeUp
    let yield: (Terminal.Event) -> Void
    private var prompt: String
    private var entryPrefix: (@Sendable () -> String)?
    private var pacer = PrintPacer()
    private var hasWork = false
    /// Whether the user has stopped the display with Ctrl-S.
    private var isPaused = false
    /// Whether another process is printing on the terminal.
    private var isHidden = false
    let completer: (@Sendable (String) -> Completion?)?
    private let quotePasted: @Sendable (String) -> String
    private var ownStopEndedAt: ContinuousClock.Instant?

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
            character.pointee = wchar_t(bitPattern: code.value)
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
            if outcome == .terminalGone { attend() } else { editLine() }
        }
        giveTerminalBack()
        terminal_release_signals()
    }

    private func editLine() {
        (outcome, pastedStart, undo) = (nil, [], UndoStack())
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

    /// Returns the next character for libedit, or nil when the line ends here.
    private func nextCharacter() -> Unicode.Scalar? {
        guard let key = nextKey() else { return nil }
        if key == .interrupt {
            interrupt()
            return nil
        }
        undo.note(UndoStack.State(text: libedit.text, cursor: libedit.cursor))
        if !pastedStart.isEmpty, libedit.text.isEmpty { pastedStart = [] }
        if case .paste(let text) = key { pasted = text }
        return Self.code(of: key)
    }

    /// Waits for a key, handling everything else meanwhile; nil when the line ends here.
    func nextKey() -> Key? {
        while outcome == nil {
            if let key = reader.nextKey() {
                switch key {
                // Sent to the whole job, as the kernel does; the handler of the signal then stops this process.
                case .suspend: kill(0, SIGTSTP)
                case .quit: kill(0, SIGQUIT)
                default: return key
                }
            } else if reader.isAtEnd {
                noteEnd()
            } else {
                attend()
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
            // Reading in the background fails as if the terminal were gone.
            reader.reopen()
            takeTerminal()
        }
    }

    // MARK: Everything else

    /// The line as it should be shown now.
    var line: Line {
        if outcome == .terminalGone { return Line() }
        if let search { return search.display(in: history) }
        return Line(
            prompt: (isPaused ? "[paused, Ctrl-Q resumes] " : "") + prompt,
            text: libedit.text,
            cursor: libedit.cursor
        )
    }

    /// Waits for an event and handles it.
    private func attend() {
        if hasWork && (isPaused || pacer.delay == .zero) { return lookIntoOutbox() }
        if !isHidden { screen.show(line) }
        let happening = reader.wait(hasWork ? pacer.delay : nil)
        if happening.isWoken { hasWork = true }
        if happening.signals.contains(SIGINT) { reader.append(.interrupt) }
        if happening.signals.contains(SIGTSTP) { suspend() }
        if happening.signals.contains(SIGCONT) { goOn() }
    }

    private func lookIntoOutbox() {
        let work = outbox.take(upTo: isPaused ? 0 : pacer.limit)
        hasWork = work.hasMore && !isPaused
        for request in work.requests { see(to: request) }
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

    private func see(to request: Outbox.Request) {
        switch request {
        case .prompt(let prompt): self.prompt = prompt
        case .entryPrefix(let prefix): entryPrefix = prefix
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
                // Signals that arrived meanwhile were for the other program.
                _ = wakeUp.drain()
                hasWork = true
            }
            continuation.resume()
        }
    }

    /// Pauses or resumes the display (Ctrl-S and Ctrl-Q). Text printed meanwhile is kept.
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

    // MARK: Taking the terminal and giving it back

    private func takeTerminal() {
        if !mode.isInForeground { awaitForeground() }
        // Setting modes in the background would change them for the shell.
        guard !outbox.isClosing || mode.isInForeground else { return }
        mode.enter()
        screen.tell(Self.bracketedPasteOn)
    }

    /// Waits until this process group is in the foreground, or the editor is closing.
    private func awaitForeground() {
        // `kill %1` continues a stopped job so that it can end: give it time before stopping again.
        let stop = ContinuousClock.now + .seconds(1)
        while !mode.isInForeground && !outbox.isClosing {
            if .now < stop { terminal_poll(nil, 0, 20) } else { mode.stopUnlessInForeground() }
        }
    }

    private func giveTerminalBack() {
        guard mode.isInForeground else { return }
        screen.tell(Self.bracketedPasteOff)
        mode.leave()
    }

    private func suspend() {
        screen.leave(line)
        giveTerminalBack()
        terminal_stop(SIGTSTP)
        takeTerminal()
        ownStopEndedAt = .now
    }

    /// Takes the terminal after a SIGCONT: another process may have used it since the stop.
    private func goOn() {
        if let ownStopEndedAt, ContinuousClock.now - ownStopEndedAt < .seconds(1) { return }
        screen.forget()
        takeTerminal()
    }
}
