import LineEditor
import NIOCore
import WebSocketClient
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A session at a terminal: lines typed are messages and commands, what comes stands above the line being typed.
struct InteractiveSession: Sendable {
    private let plan: SessionPlan
    private let connection: Connection
    private let terminal: Terminal
    private let report: ConnectionReport
    private let pings = PingTimes()
    private let printer: MessagePrinter

    /// Prepares the session and takes the terminal over.
    ///
    /// - Throws: `Diagnostic` when there is no terminal to type at.
    init(plan: SessionPlan, url: WebSocketURL, connection: Connection) throws {
        self.plan = plan
        self.connection = connection
        report = ConnectionReport(url: url, connection: connection, start: .now())
        printer = MessagePrinter(
            destination: plan.outputIsTerminal ? .session : .pipe(plan.framing),
            showsPingPong: plan.showsPingPong && plan.outputIsTerminal
        )
        terminal = try Self.openTerminal(outputIsTerminal: plan.outputIsTerminal)
    }

    /// Messages may go elsewhere (`wsline URL | jq .`): then the line is edited on the terminal itself.
    private static func openTerminal(outputIsTerminal: Bool) throws -> Terminal {
        var configuration = Terminal.Configuration()
        configuration.prompt = "> "
        if !outputIsTerminal {
            let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { throw Diagnostic(SystemCallError.last("opening the terminal")) }
            configuration.output = descriptor
        }
        return try Terminal(configuration)
    }

    /// Runs the session to its end; the terminal is as it was afterwards.
    ///
    /// - Throws: `Diagnostic` when it did not end as asked.
    func run() async throws {
        if plan.verbosity > .quiet {
            await say("connected to \(report.url) (/help lists the commands, Ctrl-D closes)")
        }
        let loop = SessionLoop(plan: plan, connection: connection, signals: Signals([SIGTERM, SIGHUP]))
        do {
            try await loop.run(
                inputExecutor: nil,
                send: {
                    await sendFirst()
                    return await readLines()
                },
                stopInput: {},
                show: { arrival, limit throws(SystemCallError) -> Int in try await show(arrival, limit) }
            )
        } catch {
            await terminal.shutdown()
            throw error
        }
        await terminal.shutdown()
    }

    private func sendFirst() async {
        guard !plan.messages.isEmpty else { return }
        do {
            try await connection.send(plan.firstMessages)
        } catch {
            await say("the messages of -x were not sent, the connection is closed")
        }
    }

    private func readLines() async -> SessionLoop.InputEnd {
        for await event in terminal.events {
            switch event {
            case .line(let line):
                if let status = await handle(line) { return .leave(status) }
            case .interrupt:
                return .leave(.signal(SIGINT))
            case .endOfInput:
                connection.close(plan.closeFrame)
            }
        }
        return .exhausted(nil)
    }

    /// Does what a line says; returns the exit status when it says to leave.
    private func handle(_ line: String) async -> ExitStatus? {
        do throws(SlashCommand.Invalid) {
            switch try TypedLine(line) {
            case .message(let text): await send(plan.messageKind, text)
            case .command(.ping(let data)): await send(.ping, pings.start(data))
            case .command(.pong(let data)): await send(.pong, data)
            case .command(.close(let frame)): connection.close(frame)
            case .command(.quit): return .success
            case .command(.help(let name)): await say(SlashCommand.help(name))
            case .command(.info): await say(report.lines(roundTrip: pings.last))
            }
        } catch {
            await say(error.message)
        }
        return nil
    }

    private func send(_ kind: MessageBatch.Kind, _ text: String) async {
        do {
            try await connection.send(MessageBatch(kind, text.utf8))
        } catch {
            await say("not sent, the connection is closed: \(text)")
        }
    }

    private func show(_ arrival: Arrival, _ limit: Int) async throws(SystemCallError) -> Int {
        var output: [UInt8] = []
        let shown =
            plan.printsMessages
            ? printer.print(arrival.batch, limit: limit, to: &output)
            : min(limit, arrival.batch.messageCount)
        if plan.outputIsTerminal {
            if !output.isEmpty { await terminal.print(output) }
        } else {
            if !output.isEmpty { try StandardStreams.writeOutput(output) }
            if plan.showsPingPong {
                await say(arrival.batch.controlFrames.map { "< \(MessagePrinter.words($0, of: arrival.batch))" })
            }
        }
        for entry in arrival.batch.controlFrames where entry.kind == .pong {
            if let time = pings.finish(arrival.batch.string(of: entry), at: arrival.time) {
                await say("pong after \(time.inMilliseconds)")
            }
        }
        if case .closed(let frame, _) = arrival.ending, plan.verbosity > .quiet {
            await say("closed: \(frame.words)")
        }
        return shown
    }

    private func say(_ line: String) async {
        await say([line])
    }

    /// Prints lines above the line that is typed.
    private func say(_ lines: [String]) async {
        guard !lines.isEmpty else { return }
        await terminal.print(lines.flatMap { Array(VisibleText.line($0).utf8) + [UInt8(ascii: "\n")] })
    }
}
