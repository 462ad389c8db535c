import Dispatch

/// The user's terminal, with a line being edited at the bottom and printed text above it.
///
/// This is the only interface of the line editor: libedit and the terminal itself are confined to one serial Dispatch
/// queue. While a terminal is open, it handles SIGINT, SIGWINCH, SIGTSTP and SIGCONT.
package final class Terminal: Sendable {
    /// The configuration of a terminal.
    package struct Configuration: Sendable {
        /// The descriptor of the terminal to read keys from.
        package var input: Int32
        /// The descriptor of the terminal to draw on.
        package var output: Int32
        /// The prompt, which may contain SGR color sequences.
        package var prompt: String
        /// The maximum number of lines in the history; 0 disables it.
        package var historyLimit: Int
        /// The lines entered in earlier sessions, oldest first.
        package var history: [String] = []
        /// A closure that returns the completions for the line up to the cursor, called on the terminal's queue. Nil
        /// completes words from earlier lines.
        package var completer: (@Sendable (String) -> Completion?)?
        /// A closure that quotes pasted text, so that the line means literally this text. It is called on the
        /// terminal's queue.
        package var quotePasted: @Sendable (String) -> String = { $0 }
        /// The program name to match in `~/.editrc`.
        package var name: String

        /// Creates a configuration, by default for standard input and output.
        package init(
            input: Int32 = 0,
            output: Int32 = 1,
            prompt: String = "> ",
            historyLimit: Int = 10_000,
            name: String = "wsline"
        ) {
            self.input = input
            self.output = output
            self.prompt = prompt
            self.historyLimit = historyLimit
            self.name = name
        }
    }

    /// An action of the user.
    package enum Event: Equatable, Sendable {
        /// The user entered this line, which may contain pasted newlines. A line that starts with pasted text is quoted
        /// by `Configuration.quotePasted`.
        case line(String)
        /// The user pressed Ctrl-C on an empty line. On any other line it discards the line without an event.
        case interrupt
        /// The user pressed Ctrl-D on an empty line, after which more lines may follow, or the terminal is gone.
        case endOfInput
        /// The user pressed Ctrl-X Ctrl-E to edit the text in another editor.
        case edit
        /// The terminal was released with this text in the line. This is the last event.
        case unfinished(String)
    }

    /// With more bytes than this waiting to be printed, printers should wait.
    private static let bound = 1024 * 1024

    /// The events, in order; ends after `shutdown()`. For one consumer.
    package let events: AsyncStream<Event>

    private let outbox: Outbox

    /// Opens the terminal and shows the prompt.
    ///
    /// - Parameter configuration: the terminal, its prompt and history.
    /// - Throws: `TerminalError` if the descriptors are no terminals, or another `Terminal` is still open.
    package init(_ configuration: Configuration = Configuration()) throws(TerminalError) {
        Width.prepare()
        let mode = try RawMode(
            input: configuration.input,
            output: configuration.output,
            reset: TerminalKind.current == .dumb ? "" : Editor.bracketedPasteOff
        )
        let terminal: PrivateTerminal
        let wakeUp: WakeUp
        do throws(TerminalError) {
            terminal = try PrivateTerminal(modes: mode.before)
            do throws(TerminalError) {
                wakeUp = try WakeUp()
            } catch {
                terminal.release()
                throw error
            }
        } catch {
            mode.release()
            throw error
        }
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let outbox = Outbox(wakeUp: wakeUp, bound: Self.bound)
        self.events = events
        self.outbox = outbox

        DispatchQueue(label: "wsline.terminal", qos: .userInteractive).async {
            let editor = Editor(
                configuration,
                mode: mode,
                terminal: terminal,
                outbox: outbox,
                wakeUp: wakeUp,
                yield: { continuation.yield($0) }
            )
            if let editor { editor.run() } else { continuation.yield(.endOfInput) }
            terminal.release()
            mode.release()
            outbox.finish()
            continuation.finish()
        }
    }

    deinit {
        outbox.requestClose()
    }

    /// Prints whole lines above the line being edited, without blocking the caller, which may be an event loop.
    ///
    /// When the terminal is gone, or after `shutdown()`, text is dropped.
    ///
    /// - Parameters:
    ///   - text: UTF-8 without control characters other than newlines, tabs and SGR color sequences. A missing newline at
    ///     its end is added.
    ///   - whenRoom: called once, on the terminal's queue, when there is room again.
    /// - Returns: whether less than about 1 MiB is waiting. If not, the caller should stop until `whenRoom`.
    package func print(_ text: [UInt8], whenRoom: @escaping @Sendable () -> Void) -> Bool {
        outbox.print(text, whenRoom: whenRoom)
    }

    /// Prints a notice without waiting.
    ///
    /// When about 1 MiB of notices is waiting, further ones are dropped, and their number is printed once there is room
    /// again.
    package func enqueue(_ text: [UInt8]) {
        outbox.addNotice(text)
    }

    /// Changes the prompt, also of the half-typed line.
    package func setPrompt(_ prompt: String) {
        outbox.request(.prompt(prompt))
    }

    /// Sets a closure that returns the text to show before the prompt of each entered line, such as the time.
    ///
    /// The text may contain SGR color sequences. The closure is called on the terminal's queue.
    package func setEntryPrefix(_ prefix: (@Sendable () -> String)?) {
        outbox.request(.entryPrefix(prefix))
    }

    /// Sets a closure that checks entered lines.
    ///
    /// If it returns a warning for a line, Enter only shows that beside the prompt, and a second Enter enters the line.
    /// The warning may contain SGR color sequences. The closure is called on the terminal's queue.
    package func setLineCheck(_ check: (@Sendable (String) -> String?)?) {
        outbox.request(.lineCheck(check))
    }

    /// Puts a text on the line for editing, before text that the user has already typed.
    package func recall(_ text: String) {
        outbox.request(.recall(text))
    }

    /// Writes a control sequence that does not move the cursor; ignored by a terminal that has no control sequences.
    package func write(controlSequence: String) {
        outbox.request(.control(controlSequence))
    }

    /// Hides the line until `showLine()`, so that another process can print on the terminal.
    ///
    /// - Parameter done: a closure that is called once on the terminal's queue when the line is hidden.
    package func hideLine(_ done: @Sendable @escaping () -> Void) {
        outbox.hide(done)
    }

    /// Shows the line again after `hideLine(_:)`.
    package func showLine() {
        outbox.request(.show)
    }

    /// Releases the terminal while `body` runs, which may start a program on it. Text to print waits meanwhile.
    ///
    /// Returns after `body`, or without calling it when the terminal is shutting down.
    ///
    /// - Parameter body: a closure that receives the line being edited and returns the text to replace it with, or nil
    ///   for no change. If the terminal shuts down meanwhile, that text becomes the unfinished one.
    package func lend(_ body: @Sendable @escaping (String) -> String?) async {
        await outbox.lend(body)
    }

    /// Releases the terminal: prints all waiting text, erases the prompt or ends the half-typed line, and restores
    /// modes and signal handlers. Later calls have no effect.
    package func shutdown() async {
        await outbox.close()
    }

    /// Returns the width of a terminal in columns; 80 if unknown.
    package static func columns(of descriptor: Int32) -> Int {
        Screen.size(of: descriptor).columns
    }

    /// Returns the height of a terminal in rows; 24 if unknown.
    package static func rows(of descriptor: Int32) -> Int {
        Screen.size(of: descriptor).rows
    }
}
