import CPOSIX
import LineEditor
import MessageText
import NIOCore
import SystemPackage

/// The terminal at which the user types: the prompt, notices above the line, and input events. Confined to its event
/// loop.
final class UserTerminal {
    /// The state of the connection, as shown in the prompt.
    enum ConnectionState: String {
        case connected = ""
        case closing, disconnected, reconnecting
    }

    let terminal: Terminal
    /// The current display settings.
    var display: DisplaySettings { didSet { applyToEntries() } }
    /// The time of the newest message in either direction.
    let clock = MessageClock()
    /// The sink for messages, which are printed above the line.
    let sink: TerminalSink
    let outputIsTerminal: Bool
    let loop: any EventLoop
    private var reading: Task<Void, Never>?

    /// Opens the terminal. If standard output is not a terminal (`wsline URL | jq .`), the line is edited on /dev/tty.
    ///
    /// - Parameters:
    ///   - display: the initial display settings.
    ///   - outputIsTerminal: whether standard output is a terminal.
    ///   - loop: the event loop that events are delivered on.
    ///   - configure: sets up history and completion.
    /// - Throws: `Failure` if there is no terminal to type at.
    init(
        _ display: DisplaySettings,
        outputIsTerminal: Bool,
        on loop: any EventLoop,
        _ configure: (inout Terminal.Configuration) -> Void
    ) throws(Failure) {
        var configuration = Terminal.Configuration()
        configuration.prompt = Self.prompt(.connected, isColored: display.isColored)
        configuration.quotePasted = LineKind.quote
        configure(&configuration)
        if !outputIsTerminal {
            do {
                let descriptor = try FileDescriptor.open("/dev/tty", .readWrite, options: .closeOnExec)
                configuration.output = descriptor.rawValue
            } catch {
                throw Failure(SystemCallError(action: "opening the terminal", error))
            }
        }
        do throws(TerminalError) {
            terminal = try Terminal(configuration)
        } catch {
            throw Failure(error)
        }
        (self.display, self.outputIsTerminal, self.loop) = (display, outputIsTerminal, loop)
        sink = TerminalSink(terminal, loop)
        applyToEntries()
    }

    /// Applies the settings to lines that the user enters: shows the time as before incoming messages, and checks JSON.
    private func applyToEntries() {
        let check: @Sendable (String) -> String? = { [display] line in
            TypedJSON.warning(line).map { PayloadRenderer.colored(.dim, $0, display) }
        }
        terminal.setLineCheck(display.checksJSON ? check : nil)
        guard display.timestamps != .off else { return terminal.setEntryPrefix(nil) }
        terminal.setEntryPrefix { [display, clock] in
            let time = display.timestamps.time(.now(), since: clock)?.text(inPipe: false) ?? ""
            return PayloadRenderer.colored(.dim, time + " ", display)
        }
    }

    /// Calls `handle` on the event loop with every event of the terminal.
    func forEachEvent(_ handle: @escaping (Terminal.Event) -> Void) {
        let handle = NIOLoopBound(handle, eventLoop: loop)
        reading = Task { [terminal, loop] in
            for await event in terminal.events { loop.execute { handle.value(event) } }
        }
    }

    // MARK: The prompt

    /// Shows the state of the connection in the prompt.
    func show(_ state: ConnectionState) {
        terminal.setPrompt(Self.prompt(state, isColored: display.isColored))
    }

    /// Shows the progress of an operation in the prompt.
    func show(progress: String) {
        terminal.setPrompt("[\(progress)] " + Self.prompt(.connected, isColored: display.isColored))
    }

    private static func prompt(_ state: ConnectionState, isColored: Bool) -> String {
        let text = state.rawValue + ">"
        guard isColored else { return text + " " }
        let color: Color =
            switch state {
            case .connected: .bold
            case .closing, .reconnecting: .magenta
            case .disconnected: .red
            }
        return color.rawValue + text + Color.reset + " "
    }

    /// The descriptor of the terminal that shows the output.
    var screen: Int32 { outputIsTerminal ? STDOUT_FILENO : STDIN_FILENO }

    // MARK: Notices

    /// Prints a notice above the line; errors are red.
    func say(_ line: String, _ color: Color = .dim) {
        say([line], color)
    }

    /// Prints notices above the line, wrapped to the width of the terminal.
    func say(_ lines: [String], _ color: Color = .dim) {
        let columns = Terminal.columns(of: screen)
        let rows = lines.flatMap { Paragraph.rows(of: VisibleText.line($0), columns: columns) }
        terminal.enqueue(rows.flatMap { Self.colored($0, color, isColored: display.isColored) })
    }

    /// A function that prints a line as a notice, callable from any thread.
    var printer: @Sendable (String, Color) -> Void {
        { [terminal, isColored = display.isColored] line, color in
            terminal.enqueue(Self.colored(line, color, isColored: isColored))
        }
    }

    private static func colored(_ line: String, _ color: Color, isColored: Bool) -> [UInt8] {
        let (before, after) = isColored ? (color.rawValue, Color.reset) : ("", "")
        return Array((before + line + after + "\n").utf8)
    }

    /// Creates a promise on the event loop of the terminal.
    func makePromise() -> EventLoopPromise<Void> { loop.makePromise() }

    // MARK: Lending and restoring the terminal

    /// Opens the line being typed in an external editor.
    func edit() {
        Task { [printer, terminal] in
            await terminal.lend { text in
                do throws(Failure) {
                    return try ExternalEditor.write(text)
                } catch {
                    printer(VisibleText.line(error.message), .red)
                    return nil
                }
            }
        }
    }

    /// Restores the terminal, and calls `done` on the event loop when all events have been handled.
    func shutdown(_ done: @escaping () -> Void) {
        let done = NIOLoopBound(done, eventLoop: loop)
        Task { [terminal, reading, loop] in
            await terminal.shutdown()
            await reading?.value
            loop.execute { done.value() }
        }
    }
}
