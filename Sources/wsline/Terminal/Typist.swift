import LineEditor
import NIOCore
import Synchronization
import TestScript
import WebSocketTransport
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Does what the user types, for all connections of a session.
///
/// Two tasks: one reads the terminal and never waits for the network, so that Ctrl-C works at once; the other does what
/// was typed, in order.
final class Typist: Sendable {
    /// The connection that typed messages go to.
    struct Link: Sendable {
        let connection: Connection
        let report: ConnectionReport
    }

    private struct State {
        var link: Link?
        /// Tells the loop of the connection that the user wants to end it.
        var ends: AsyncStream<SessionLoop.InputEnd>.Continuation?
        var cancelConnecting: (@Sendable () -> Void)?
        var nextServer: WebSocketURL?
        /// Whether the user has said that it is over, and not by Ctrl-C.
        var hasQuit = false
        /// The server of the last connection.
        var url: WebSocketURL?
        var history: [String]
    }

    /// When the pings of this session were sent.
    let pings = PingTimes()
    private let plan: SessionPlan
    private let screen: SessionScreen
    private let log: EventLog
    private let historyFile: HistoryFile?
    private let state: Mutex<State>
    private let tasks = Mutex<(reading: Task<Void, Never>, doing: Task<Void, Never>)?>(nil)

    init(_ plan: SessionPlan, _ screen: SessionScreen, _ log: EventLog, _ historyFile: HistoryFile?, earlier: [String])
    {
        self.plan = plan
        self.screen = screen
        self.log = log
        self.historyFile = historyFile
        state = Mutex(State(history: earlier))
        let (lines, continuation) = AsyncStream.makeStream(of: Terminal.Event.self)
        let reading = Task { [self] in
            for await event in screen.terminal.events {
                switch event {
                case .interrupt: interrupt()
                case .unfinished(let line): await keepUnfinished(line)
                case .line, .endOfInput, .edit: continuation.yield(event)
                }
            }
            continuation.finish()
        }
        let doing = Task { [self] in
            for await event in lines { await perform(event) }
        }
        tasks.withLock { $0 = (reading, doing) }
    }

    /// Ends the tasks, once the terminal has been given back.
    func stop() async {
        guard let (reading, doing) = tasks.withLock({ $0 }) else { return }
        await reading.value
        doing.cancel()
    }

    /// Begins a connection, or a time without one.
    ///
    /// - Returns: how the user wants it to end, when it comes to that.
    func begin(_ link: Link?) -> AsyncStream<SessionLoop.InputEnd> {
        let (ends, continuation) = AsyncStream.makeStream(of: SessionLoop.InputEnd.self)
        state.withLock { state in
            state.link = link
            state.ends = continuation
            state.cancelConnecting = nil
            state.url = link?.report.url ?? state.url
        }
        return ends
    }

    /// The server of the last connection.
    var lastServer: WebSocketURL? { state.withLock { $0.url } }

    /// Whether the user has left while there was no connection.
    var hasQuit: Bool { state.withLock { $0.hasQuit } }

    /// Notes that there is no connection now.
    func disconnect() {
        state.withLock { ($0.link, $0.ends) = (nil, nil) }
    }

    /// Begins an attempt to connect, which Ctrl-C gives up.
    func beginConnecting(_ cancel: @Sendable @escaping () -> Void) {
        state.withLock { state in
            // The attempt may have come to its connection already.
            guard state.ends == nil else { return }
            state.cancelConnecting = cancel
        }
    }

    /// Returns the server that the user wants to connect to, once.
    func takeNextServer() -> WebSocketURL? {
        state.withLock { state in
            defer { state.nextServer = nil }
            if state.nextServer != nil { (state.link, state.ends) = (nil, nil) }
            return state.nextServer
        }
    }

    /// Sends the messages of the command line.
    func sendFirst(_ connection: Connection) async {
        guard !plan.messages.isEmpty else { return }
        do {
            try log.write(plan.firstMessages, .sent)
            try await connection.send(plan.firstMessages)
        } catch {
            await screen.say("the messages of -x were not sent, the connection is closed")
        }
    }

    private func interrupt() {
        let (ends, cancel) = state.withLock { ($0.ends, $0.cancelConnecting) }
        ends?.yield(.leave(.signal(SIGINT)))
        cancel?()
    }

    private func perform(_ event: Terminal.Event) async {
        switch event {
        case .interrupt, .unfinished: break
        case .edit(let text): await edit(text)
        case .line(let line):
            await keep(line)
            await perform(line)
        case .endOfInput: close(plan.closeFrame)
        }
    }

    private func keep(_ line: String) async {
        guard !line.hasPrefix(" "), plan.keepsHistory, !Self.hasPassword(line) else { return }
        state.withLock { $0.history.append(line) }
        do throws(SystemCallError) {
            try historyFile?.append(line)
        } catch {
            await screen.say("the line is not in the history: \(error)")
        }
    }

    /// Whether a command names a server with what lets us in there.
    private static func hasPassword(_ line: String) -> Bool {
        line.hasPrefix("/reconnect ") && line.contains("@")
    }

    /// Keeps what the session's end did not let the user enter.
    private func keepUnfinished(_ line: String) async {
        guard !line.hasPrefix(" "), let historyFile, plan.keepsHistory else { return }
        guard (try? historyFile.append(line)) != nil, plan.verbosity > .quiet else { return }
        StandardStreams.writeError("wsline: the line that was not sent is in the history\n")
    }

    private func perform(_ line: String) async {
        do throws(SlashCommand.Invalid) {
            switch try TypedLine(line) {
            case .message(let text): await send(MessageBatch(plan.messageKind, text.utf8), text)
            case .command(let command): await perform(command)
            }
        } catch {
            await screen.say(error.message)
        }
    }

    private func perform(_ command: SlashCommand) async {
        switch command {
        case .ping(let data): await send(MessageBatch(.ping, pings.start(data).utf8), "ping")
        case .pong(let data): await send(MessageBatch(.pong, data.utf8), "pong")
        case .close(let frame): close(frame)
        case .quit: end(.leave(.success))
        case .help(let name): await screen.say(CommandName.help(name))
        case .info: await info()
        case .send(let file): await send(file: file, asBinary: plan.sendsBinary)
        case .binary(.given(let bytes)): await send(MessageBatch(.binary, bytes), "\(bytes.count) bytes")
        case .binary(.file(let file)): await send(file: file, asBinary: true)
        case .edit: await edit("")
        case .reconnect(let url): reconnect(to: url)
        case .set(let setting, let change): await set(setting, change)
        case .record(let file): await record(file)
        case .history(let text): await showHistory(containing: text)
        }
    }

    // MARK: The connection

    private func end(_ end: SessionLoop.InputEnd) {
        let (ends, cancel) = state.withLock { state in
            state.hasQuit = state.ends == nil
            return (state.ends, state.cancelConnecting)
        }
        ends?.yield(end)
        // Who leaves while there is no connection does not want one.
        if ends == nil { cancel?() }
    }

    private func close(_ frame: CloseFrame) {
        guard let link = state.withLock(\.link) else { return end(.leave(.success)) }
        screen.show(.closing)
        link.connection.close(frame)
    }

    private func reconnect(to url: WebSocketURL?) {
        state.withLock { $0.nextServer = url ?? $0.url }
        end(.leave(.success))
    }

    /// Sends a batch of one entry; says so when that can't be.
    private func send(_ batch: MessageBatch, _ what: String) async {
        let excerpt = what.count > 60 ? what.prefix(60) + "…" : what
        guard let link = state.withLock(\.link) else {
            return await screen.say("not sent, there is no connection: \(excerpt)")
        }
        do {
            try log.write(batch, .sent)
            try await link.connection.send(batch)
        } catch let error as SystemCallError {
            await screen.say("not sent, \(error): \(excerpt)")
        } catch {
            await screen.say("not sent, the connection is closed: \(excerpt)")
        }
    }

    private func info() async {
        guard let link = state.withLock(\.link) else { return await screen.say("there is no connection") }
        await screen.say(link.report.lines(roundTrip: pings.last))
        if let path = log.recordingPath { await screen.say("recorded in  \(path)") }
    }

    // MARK: Files

    /// The size from which a file's way is worth watching.
    private static let largeFile = 1 << 20

    private func send(file: String, asBinary: Bool) async {
        do throws(Failure) {
            let bytes = try MessageFile.read(file)
            let isText = !asBinary && bytes.withUnsafeBytes { UTF8Validator.firstInvalid(inText: $0) } == nil
            let progress = bytes.count >= Self.largeFile ? watch(bytes.count) : nil
            let start = ContinuousClock.now
            await send(MessageBatch(isText ? .text : .binary, bytes), file)
            guard let progress else {
                return await screen.say("sent \(file): \(bytes.count) bytes, \(isText ? "text" : "binary")")
            }
            progress.cancel()
            await progress.value
            screen.show(.connected)
            let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
            await screen.say("\(file): \(bytes.count) bytes, \(isText ? "text" : "binary"), after \(seconds) s")
        } catch {
            await screen.say("\(error.message); not sent")
        }
    }

    /// Shows how much of so many bytes has gone, until it is cancelled.
    private func watch(_ size: Int) -> Task<Void, Never> {
        Task { [self] in
            guard let link = state.withLock(\.link) else { return }
            while (try? await Task.sleep(for: .milliseconds(100))) != nil {
                let gone = max(0, size - (await link.connection.bytesPending))
                screen.show(progress: "sent \(gone * 100 / size) % of \(size >> 20) MiB")
            }
        }
    }

    private func edit(_ text: String) async {
        if let failure = await screen.terminal.edit(text) { await screen.say(failure.message) }
    }

    private func record(_ file: String?) async {
        do throws(Failure) {
            if let file {
                try log.record(to: FilePath.expand(file))
                await screen.say("recording to \(file); /record stop ends it")
            } else {
                let path = log.stopRecording()
                await screen.say(
                    path.map { "recorded in \($0)" } ?? "nothing is being recorded; /record FILE begins it"
                )
            }
        } catch {
            await screen.say(error.message)
        }
    }

    // MARK: What is shown

    private func set(_ setting: Setting?, _ change: Setting.Change?) async {
        if let setting, let change { screen.change(setting, change) }
        let settings = setting.map { [$0] } ?? Setting.allCases
        await screen.say(settings.map { $0.line(in: screen.display) })
    }

    private func showHistory(containing text: String) async {
        let lines = state.withLock(\.history)
        let found = lines.enumerated().filter { text.isEmpty || $0.element.contains(text) }
        guard !found.isEmpty else {
            return await screen.say(
                text.isEmpty ? "the history is empty" : "no line of the history has \"\(text)\" in it"
            )
        }
        // The latest stand nearest to the prompt.
        let width = String(lines.count).count
        await screen.say(
            found.suffix(text.isEmpty ? 100 : 1000).map { number, line in
                let number = String(number + 1)
                return String(repeating: " ", count: width - number.count) + number + "  " + line
            }
        )
    }
}
