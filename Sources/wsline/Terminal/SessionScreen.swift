import LineEditor
import MessageText
import NIOCore
import Synchronization
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// What the user of a session sees: messages and notices above the line, and the prompt before it.
final class SessionScreen: Sendable {
    /// How the connection stands, as the prompt shows it.
    enum ConnectionState: String {
        case connected = ""
        case closing, closed, reconnecting
    }

    let terminal: Terminal
    private let plan: SessionPlan
    private let settings: Mutex<DisplaySettings>

    init(_ terminal: Terminal, _ plan: SessionPlan) {
        self.terminal = terminal
        self.plan = plan
        settings = Mutex(plan.display)
    }

    /// How messages are shown now.
    var display: DisplaySettings { settings.withLock { $0 } }

    /// Changes how messages are shown from now on.
    func change(_ setting: Setting, _ change: Setting.Change) {
        settings.withLock { $0.apply(setting, change) }
    }

    /// Shows the state of the connection in the prompt.
    func show(_ state: ConnectionState) {
        terminal.setPrompt(Self.prompt(state, isColored: plan.display.isColored))
    }

    /// Shows in the prompt how far something has come.
    func show(progress: String) {
        terminal.setPrompt("[\(progress)] " + Self.prompt(.connected, isColored: plan.display.isColored))
    }

    static func prompt(_ state: ConnectionState, isColored: Bool) -> String {
        let text = state.rawValue + ">"
        guard isColored else { return text + " " }
        let color: Color =
            switch state {
            case .connected: .bold
            case .closing, .reconnecting: .yellow
            case .closed: .red
            }
        return color.rawValue + text + Color.reset + " "
    }

    /// Prints a line above the one that is typed, without waiting until there is room for it.
    func tell(_ line: String) {
        terminal.tell(line, isColored: plan.display.isColored)
    }

    /// Prints a line above the one that is typed.
    func say(_ line: String) async {
        await say([line])
    }

    /// Prints lines above the one that is typed.
    func say(_ lines: [String]) async {
        await terminal.say(lines, isColored: plan.display.isColored, columns: plan.outputIsTerminal ? 1 : 0)
    }

    /// Shows an arrival, at most so many messages of it; returns how many.
    func show(
        _ arrival: Inbound,
        _ limit: Int,
        _ pings: PingTimes,
        _ log: EventLog
    ) async throws(SystemCallError) -> Int {
        var roundTrips: [Int: TimeAmount] = [:]
        for entry in arrival.batch.controlFrames where entry.kind == .pong {
            roundTrips[entry.offset] = pings.finish(arrival.batch.string(of: entry), at: arrival.time)
        }
        try log.write(arrival.batch, .received, at: arrival.time, limit: limit) { roundTrips[$0.offset] }
        let shown = try await showMessages(of: arrival, limit)
        for time in roundTrips.values { await say("pong after \(time.inMilliseconds)") }
        // What did not end well is told when the terminal has been given back.
        if let ending = arrival.ending, case .closed(let frame, _) = ending, plan.verbosity > .quiet,
            Failure(ending) == nil
        {
            await say("closed: \(frame.words)")
        }
        return shown
    }

    private func showMessages(of arrival: Inbound, _ limit: Int) async throws(SystemCallError) -> Int {
        let settings = display
        if settings.showsPingPong, !plan.outputIsTerminal, !plan.printsEvents {
            await say(arrival.batch.controlFrames.map { "< \(MessagePrinter.words($0, of: arrival.batch))" })
        }
        if plan.printsEvents { await terminal.waitForRoom() }
        guard plan.printsMessages, !plan.printsEvents else { return min(limit, arrival.batch.messageCount) }
        let destination: MessagePrinter.Destination = plan.outputIsTerminal ? .session : .pipe(plan.framing)
        let printer = MessagePrinter(destination: destination, settings: settings)
        var output: [UInt8] = []
        let shown = printer.print(arrival.batch, at: arrival.time, limit: limit, to: &output)
        guard !output.isEmpty else { return shown }
        if plan.outputIsTerminal {
            await terminal.print(output)
        } else {
            try StandardStreams.writeOutput(output)
        }
        return shown
    }
}
