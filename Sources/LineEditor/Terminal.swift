import Dispatch

/// The user's terminal: a line being edited at the bottom, and printed text above it.
///
/// The only interface of the line editor: libedit and the terminal itself belong to one serial Dispatch queue. SIGINT,
/// SIGWINCH, SIGTSTP and SIGCONT are handled here while a terminal is open.
package final class Terminal: Sendable {
    /// The options of a terminal.
    package struct Configuration: Sendable {
        /// The terminal that keys are read from.
        package var input: Int32
        /// The terminal that the line is painted on.
        package var output: Int32
        /// The prompt; may contain SGR color sequences.
        package var prompt: String
        /// The number of lines kept in the history; 0 keeps none.
        package var historyLimit: Int
        /// Lines entered in earlier sessions, oldest first.
        package var history: [String] = []
        /// Returns the completions of the word before the cursor, given the line up to the cursor; nil uses the words of
        /// earlier lines. Called on the terminal's queue.
        package var completer: (@Sendable (String) -> Completion?)?
        /// Returns the line that means literally this text, which was pasted. Called on the terminal's queue.
        package var quotePasted: @Sendable (String) -> String = { $0 }
        /// The name of this program in `~/.editrc`.
        package var name: String

        /// Creates a configuration for standard input and output.
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
        /// A line was entered: exactly what was typed, with newlines in it when some were pasted. One that begins with
        /// pasted text is quoted (`Configuration.quotePasted`).
        case line(String)
        /// Ctrl-C on an empty line. (On a half-typed line it discards that line without an event.)
        case interrupt
        /// Ctrl-D on an empty line, after which more lines may follow; or the terminal is gone.
        case endOfInput
        /// Ctrl-X Ctrl-E: the user wants to edit the text in another editor.
        case edit
        /// The text in the line when the terminal was given back. The last event.
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
    /// With about 1 MiB of notices waiting, further ones are dropped; their number is printed when there is room again.
    package func enqueue(_ text: [UInt8]) {
        outbox.addNotice(text)
    }

    /// Changes the prompt, also of the half-typed line.
    package func setPrompt(_ prompt: String) {
        outbox.request(.prompt(prompt))
    }

    /// Sets the text that is shown before the prompt of each line when it is entered, such as the time; may contain SGR
    /// color sequences. Called on the terminal's queue.
    package func setEntryPrefix(_ prefix: (@Sendable () -> String)?) {
        outbox.request(.entryPrefix(prefix))
    }

    /// Erases the line until `showLine()`, because another process is about to print on the terminal.
    ///
    /// - Parameter done: called once that is done, on the terminal's queue.
    package func hideLine(_ done: @Sendable @escaping () -> Void) {
        outbox.hide(done)
    }

    /// Shows the line again after `hideLine`.
    package func showLine() {
        outbox.request(.show)
    }

    /// Gives the terminal back while `body` runs, which may start a program on it; text printed meanwhile waits. Returns
    /// after `body`, or without running it when the session is ending.
    ///
    /// - Parameter body: gets the text being edited, and returns the text that replaces it; nil for no change. The text is
    ///   not lost when the session ends meanwhile: it is then the unfinished one.
    package func lend(_ body: @Sendable @escaping (String) -> String?) async {
        await outbox.lend(body)
    }

    /// Gives the terminal back: prints all waiting text, erases the prompt (or ends the half-typed line), and restores modes
    /// and signal handlers. May be called more than once.
    package func shutdown() async {
        await outbox.close()
    }

    /// Returns the columns of a terminal; 80 if unknown.
    package static func columns(of descriptor: Int32) -> Int {
        Screen.size(of: descriptor).columns
    }
}
