import NIOCore
import NIOPosix
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// One run of `serve`: accepts clients, handles them as planned and closes them at the end.
struct Server: Sendable {
    /// The handler of incoming messages.
    private enum Answering {
        case console(NIOLoopBound<ServeConsole>)
        case pipe(NIOLoopBound<ServePipe>)
        case echo
        case broadcast
        case script(ScriptPlayer)
    }

    /// The time limit for shutting down: the time that clients have to answer our Close, and a little more.
    private static let grace = Duration.milliseconds(700)

    private let plan: ServePlan
    private let diagnostics: Diagnostics
    private let clients: Clients
    private let rules: ReplyRules
    private let answering: Answering
    /// Receives the reason to end the run; only the first one counts.
    private let end: AsyncStream<Failure>.Continuation

    /// Runs until a signal, the user or, with `--once`, the client ends it.
    ///
    /// - Throws: `Failure`; also for the signal that ended the run.
    static func run(_ plan: ServePlan) async throws {
        OpenFiles.raiseLimit()
        let diagnostics = Diagnostics(verbosity: plan.verbosity, showsSecrets: plan.showsSecrets)
        // The terminal handles Ctrl-C itself.
        let signals = Signals(plan.isInteractive ? [SIGTERM, SIGHUP] : [SIGINT, SIGTERM, SIGHUP])
        // An early one would end the process without a word about lines that were read.
        await signals.taken()
        let clients = Clients()
        let listener: Listener
        do {
            listener = try await Listener(
                host: plan.address.host,
                port: plan.address.port,
                group: MultiThreadedEventLoopGroup.singleton,
                options: plan.listenerOptions(clients, diagnostics)
            )
        } catch {
            throw Failure(listening: plan.address, error)
        }
        let (ends, end) = AsyncStream.makeStream(of: Failure.self)
        let server = try await Server(plan, clients, diagnostics, end)
        server.tellAddress(of: listener)
        let watching = Task { for await number in signals.events { end.yield(Failure(.signal(number), "")) } }
        defer { watching.cancel() }
        let reason = await server.serve(listener, until: ends)
        await server.finish(after: reason, ends)
        guard reason.status == .success else { throw reason }
    }

    private init(
        _ plan: ServePlan,
        _ clients: Clients,
        _ diagnostics: Diagnostics,
        _ end: AsyncStream<Failure>.Continuation
    ) async throws {
        (self.plan, self.clients, self.diagnostics, self.end) = (plan, clients, diagnostics, end)
        rules = ReplyRules(plan.rules)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        switch plan.mode {
        case .interactive:
            let output = plan.outputIsTerminal ? nil : try await StandardIO.openOutput(on: loop)
            let console = try await loop.submit { [clients, rules] in
                let console = try ServeConsole(plan, clients, rules, diagnostics, end, output?.value, on: loop)
                return NIOLoopBound(console, eventLoop: loop)
            }.get()
            diagnostics.print(through: try await loop.submit { console.value.printer }.get())
            answering = .console(console)
        case .pipe:
            let (input, output) = (try await StandardIO.openInput(on: loop), try await StandardIO.openOutput(on: loop))
            answering = .pipe(
                try await loop.submit { [clients] in
                    let pipe = ServePipe(plan, clients, diagnostics, input.value, output.value, on: loop)
                    return NIOLoopBound(pipe, eventLoop: loop)
                }.get()
            )
        case .echo: answering = .echo
        case .broadcast: answering = .broadcast
        case .script(let player): answering = .script(player)
        }
    }

    private func tellAddress(of listener: Listener) {
        let authority = plan.address.authority(port: listener.port)
        let url = "\(plan.listener.identity == nil ? "ws" : "wss")://\(authority)/"
        let hint =
            plan.isInteractive
            ? " (/help lists the commands, Ctrl-D quits)" : StandardStreams.isTerminal(0) ? " (Ctrl-C quits)" : ""
        // A port chosen by the system is always printed, because nothing else reveals it.
        tell("listening on \(url)\(hint)", always: plan.address.port == 0)
        if !listener.isLoopback { tell("other machines can connect to \(authority) too", always: true) }
    }

    /// Prints a notice about clients: above the line at a terminal, otherwise to standard error.
    private func tell(_ text: String, always: Bool = false) {
        plan.tell(text, always: always, diagnostics)
    }

    /// Serves clients until there is a reason to end the run.
    private func serve(
        _ listener: Listener,
        until ends: AsyncStream<Failure>
    ) async -> Failure {
        let (gone, allGone) = AsyncStream.makeStream(of: Void.self)
        let serving = Task {
            var reason: String?
            do {
                try await listener.run { await serve($0) }
            } catch {
                reason = describe(error)
            }
            end.yield(Failure(.lost, "cannot accept clients" + (reason.map { ": \($0)" } ?? "")))
            allGone.finish()
        }
        if case .pipe(let pipe) = answering {
            pipe.execute { [end] pipe in pipe.start { failure in if let failure { end.yield(failure) } } }
        }
        var reason = Failure(.success, "")
        for await first in ends {
            reason = first
            break
        }
        listener.stopAccepting()
        clients.end()
        await Self.wait(for: gone, atMost: Self.grace)
        serving.cancel()
        return reason
    }

    /// Waits until all output has been read; after a signal, only briefly, except for notices.
    private func finish(after reason: Failure, _ ends: AsyncStream<Failure>) async {
        if case .pipe(let pipe) = answering { try? await pipe.eventLoop.submit { pipe.value.stopInput() }.get() }
        let (work, done) = AsyncStream.makeStream(of: Void.self)
        Task {
            await release()
            done.finish()
        }
        let watching = Task {
            var isSignal = reason.status.isSignal
            var others = ends.makeAsyncIterator()
            while !isSignal, let other = await others.next() { isSignal = other.status.isSignal }
            try await Task.sleep(for: Self.grace)
            done.finish()
        }
        for await _ in work {}
        watching.cancel()
        await diagnostics.flush()
    }

    /// Restores the terminal and releases standard input and output.
    private func release() async {
        switch answering {
        case .console(let console):
            try? await console.submit { $0.stop() }
            diagnostics.print(through: nil)
        case .pipe(let pipe): try? await pipe.submit { $0.flush() }
        case .echo, .broadcast, .script: break
        }
    }

    private static func wait(for stream: AsyncStream<Void>, atMost limit: Duration) async {
        await withTaskGroup { group in
            group.addTask { for await _ in stream {} }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: One client

    private func serve(_ connection: Connection) async {
        guard let client = clients[connection.handshake.clientNumber ?? 0] else { return }
        let name = "client \(client.number)"
        let subprotocol = connection.handshake.subprotocol.map { ", subprotocol \($0)" } ?? ""
        tell("\(name) connected from \(client.address)\(subprotocol)")
        diagnostics.verbose(client: client.number, connection.handshake)
        if case .console(let console) = answering { console.execute { $0.opened(client) } }
        let idleWatch = plan.idleTimeout.map { limit in Task { await client.watch(limit) } }
        let (result, last) = await converse(with: client)
        let ending = ClientOutcome(client: client, ending: last)
        idleWatch?.cancel()
        clients.remove(client)
        if case .console(let console) = answering { console.execute { $0.ended(client, last) } }
        // Answers the client's Close, if there is one. After that, the fate of all sent messages is known.
        connection.close(.normal)
        await connection.transportEnded()
        if let result {
            tell(result, client)
            guard result.failure == nil else {
                if plan.servesOnce { end.yield(Failure(.expectationFailed, "")) }
                return
            }
        }
        guard plan.servesOnce, ending.status != .success else {
            tell("\(name) \(ending.words)")
            if plan.servesOnce { end.yield(Failure(.success, "")) }
            return
        }
        end.yield(Failure(ending.status, "\(name) \(ending.words)"))
    }

    /// Handles a client until it disconnects. Returns the result of a script, if there is one, and how the connection
    /// ended.
    private func converse(with client: Client) async -> (TestSuite.Result?, CloseOutcome) {
        if case .script(let player) = answering { return await player.play(with: client.connection) }
        return (nil, await receive(client))
    }

    /// Reports whether a client behaved as its script expects.
    private func tell(_ result: TestSuite.Result, _ client: Client) {
        guard result.failure != nil else { return tell("client \(client.number) passed the script") }
        tell("client \(client.number) failed the script", always: true)
        let isColored = ColorMode.auto.isOn(
            outputIsTerminal: StandardStreams.isTerminal(2),
            variable: StandardStreams.variable
        )
        let lines = TextReport(isColored: isColored).lines(result)
        StandardStreams.writeError(lines.joined(separator: "\n") + "\n")
    }

    /// Handles a client's messages until it disconnects.
    private func receive(_ client: Client) async -> CloseOutcome {
        do {
            for try await inbound in client.connection.inbound {
                await take(inbound, client)
                if let ending = inbound.outcome { return ending }
            }
            return .lost(reason: nil, whileClosing: true)
        } catch {
            return .lost(reason: describe(error), whileClosing: false)
        }
    }

    private func take(_ inbound: Inbound, _ client: Client) async {
        do {
            switch answering {
            case .console(let console): try await console.submit { $0.show(inbound, client) }
            case .pipe(let pipe): try await pipe.submit { $0.show(inbound, client) }
            // An error of the echo is reported with the end of the connection, which follows.
            case .echo: try? await client.connection.echo(inbound.batch)
            case .broadcast:
                let messages = inbound.batch.messages
                if !messages.isEmpty { await clients.waitForRoom(clients.post(messages, except: client)) }
            case .script: break
            }
            try await client.answer(inbound.batch, rules, plan.messageKind) { answers in
                guard case .console(let console) = answering else { return }
                try await console.submit { $0.show(sent: answers, to: client.number) }
            }
        } catch {
            // A closed pipe (`| head -1`) ends the run without an error.
            end.yield((error as? SystemCallError)?.isBrokenPipe == true ? Failure(.success, "") : Failure(error))
        }
    }
}

extension NIOLoopBound {
    /// Calls `body` with the value on its event loop.
    fileprivate func execute(_ body: @Sendable @escaping (Value) -> Void) {
        eventLoop.execute { body(value) }
    }

    /// Calls `body` with the value on its event loop and waits for the future that it returns.
    fileprivate func submit(_ body: @Sendable @escaping (Value) -> EventLoopFuture<Void>) async throws {
        try await eventLoop.flatSubmit { body(value) }.get()
    }
}
