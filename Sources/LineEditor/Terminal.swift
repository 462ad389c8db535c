import Dispatch

/// The user's terminal, with a line being edited at its bottom and whatever is printed above it.
///
/// The only door to the line editor: libedit and the terminal itself belong to one serial Dispatch queue, and nothing
/// else touches them. SIGINT, SIGWINCH, SIGTSTP and SIGCONT are handled here for as long as a terminal is open.
public final class Terminal: Sendable {
    /// What a terminal is opened with.
    public struct Configuration: Sendable {
        /// The terminal that keys are read from.
        public var input: Int32
        /// The terminal that the line is painted on.
        public var output: Int32
        /// What stands before the line; may contain SGR colour sequences, which take no columns.
        public var prompt: String
        /// How many entered lines are kept for recalling; 0 keeps none.
        public var historyLimit: Int
        /// Lines entered in earlier sessions, oldest first.
        public var history: [String] = []
        /// Tells what the word before the cursor may become, given the line as far as the cursor; nil leaves it to the
        /// words of earlier lines. Called on the terminal's queue.
        public var completer: (@Sendable (String) -> Completion?)?
        /// The name by which `~/.editrc` knows this program.
        public var name: String

        /// Creates a configuration for standard input and output.
        public init(
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

    /// What the user did.
    public enum Event: Equatable, Sendable {
        /// A line was entered: exactly what was typed, with newlines in it when some were pasted.
        case line(String)
        /// Ctrl-C on an empty line. (On a half-typed one it drops that line, and nothing is told.)
        case interrupt
        /// Ctrl-D on an empty line, after which lines may follow; or the terminal is gone, after which nothing will.
        case endOfInput
        /// Ctrl-X Ctrl-E: the user wants to go on in another editor with what was typed so far.
        case edit(String)
        /// The terminal was given back with this in the line, not entered. The last event.
        case unfinished(String)
    }

    /// How many bytes may wait to be printed before `print` waits too.
    private static let bound = 1024 * 1024

    /// The events, in order; ends after `shutdown()`. For one consumer, and without events if a handler receives them.
    public let events: AsyncStream<Event>

    private let outbox: Outbox

    /// Opens the terminal and shows the prompt.
    ///
    /// - Parameters:
    ///   - configuration: the terminal, its prompt and history.
    ///   - onEvent: receives the events, in order, on the terminal's queue, instead of `events`. Must not block.
    /// - Throws: `TerminalError` if the descriptors are no terminals, or another `Terminal` is still open.
    public init(
        _ configuration: Configuration = Configuration(),
        onEvent: (@Sendable (Event) -> Void)? = nil
    ) throws(TerminalError) {
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
        if onEvent != nil { continuation.finish() }
        let yield = onEvent ?? { continuation.yield($0) }

        DispatchQueue(label: "wsline.terminal", qos: .userInteractive).async {
            let editor = Editor(
                configuration,
                mode: mode,
                terminal: terminal,
                outbox: outbox,
                wakeUp: wakeUp,
                yield: yield
            )
            if let editor { editor.run() } else { yield(.endOfInput) }
            terminal.release()
            mode.release()
            outbox.finish()
            continuation.finish()
        }
    }

    deinit {
        outbox.requestClose()
    }

    /// Prints whole lines above the line being edited.
    ///
    /// Returns at once unless about 1 MiB is waiting already; then when there is room again. What is printed when the
    /// terminal is gone, or after `shutdown()`, is dropped.
    ///
    /// - Parameter text: UTF-8 in which nothing can harm the terminal; it may hold newlines, tabs and SGR colours. A
    ///   newline at its end is added when missing.
    public func print(_ text: [UInt8]) async {
        await outbox.print(text)
    }

    /// Prints whole lines without blocking the caller, which may be an event loop.
    ///
    /// - Parameters:
    ///   - text: as for `print(_:)`; always accepted.
    ///   - whenRoom: called once, on the terminal's queue, when there is room again.
    /// - Returns: whether less than about 1 MiB is waiting. If not, the caller should stop until `whenRoom`.
    public func print(_ text: [UInt8], whenRoom: @escaping @Sendable () -> Void) -> Bool {
        outbox.print(text, whenRoom: whenRoom)
    }

    /// Prints a notice without waiting.
    ///
    /// With about 1 MiB of notices waiting, further ones are dropped; their number is printed when there is room again.
    public func enqueue(_ text: [UInt8]) {
        outbox.addNotice(text)
    }

    /// Returns once no more than about 1 MiB is waiting to be printed.
    public func waitForRoom() async {
        await outbox.print([])
    }

    /// Shows another prompt from now on, before the half-typed line too.
    public func setPrompt(_ prompt: String) {
        outbox.request(.prompt(prompt))
    }

    /// Puts text into the line to be edited, instead of what stands there.
    public func setText(_ text: String) {
        outbox.request(.text(text))
    }

    /// Gives the terminal back for as long as `body` runs, which may start a program on it; what is printed meanwhile
    /// waits. Returns when `body` has, or without running it when the session is ending.
    public func lend(_ body: @Sendable @escaping () -> Void) async {
        await outbox.lend(body)
    }

    /// Gives the terminal back: prints everything that was handed to `print` before, takes away the prompt (or ends the
    /// half-typed line), and restores modes and signal handlers. May be called more than once.
    public func shutdown() async {
        await outbox.close()
    }

    /// The columns of the terminal at this descriptor; 80 when it does not know.
    public static func columns(of descriptor: Int32) -> Int {
        Screen.size(of: descriptor).columns
    }
}
