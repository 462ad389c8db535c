import CPOSIX
import NIOCore
import NIOPosix
import WebSocketTransport

extension Session {
    /// Runs a session to its end.
    ///
    /// - Parameter plan: the plan of the session.
    /// - Throws: `Failure`, or any other error that `Failure.init(_:)` accepts, if the session failed.
    static func run(_ plan: SessionPlan) async throws {
        switch plan.target {
        case .server(let url):
            try await run(plan, url)
        case .echo:
            var options = Listener.Options()
            options.limits = plan.connection.limits
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let listener = try await Listener(host: "127.0.0.1", port: 0, group: group, options: options)
            let server = Task { try await listener.run { try await $0.echo() } }
            defer { server.cancel() }
            let url = try WebSocketURL("ws://127.0.0.1:\(listener.port)/")
            var plan = plan
            plan.connection.bypassProxy(for: url)
            try await run(plan, url)
        }
    }

    private static func run(_ plan: SessionPlan, _ url: WebSocketURL) async throws {
        let group = await EarlyEventLoop.group.value
        let loop = group.next()
        let diagnostics = Diagnostics(
            verbosity: plan.verbosity,
            showsSecrets: plan.showsSecrets,
            isColored: plan.errorIsColored
        )
        let dialer = SessionDialer(plan, group, diagnostics, echo: plan.target == .echo ? url : nil)
        let signals = Signals([SIGINT, SIGTERM, SIGHUP])
        let (input, output) = try await openIO(plan, on: loop)
        let history = await TypedHistory.load(plan)
        let session = try await loop.submit {
            let frontEnd: any FrontEnd =
                switch plan.input {
                case .terminal: TerminalFrontEnd(plan, history, output?.value, diagnostics, on: loop)
                case .standardInput, .none:
                    PipeFrontEnd(
                        plan,
                        input.map { InputFeed($0.value, plan.streamDecoder) },
                        output?.value,
                        diagnostics
                    )
                case .recording(let recording, let speed):
                    PipeFrontEnd(plan, RecordingFeed(recording, speed: speed, on: loop), output?.value, diagnostics)
                }
            return NIOLoopBound(try Session(plan, url, dialer, frontEnd, diagnostics, on: loop), eventLoop: loop)
        }.get()
        let watching = Task {
            for await number in signals.events { loop.execute { session.value.leave(.signal(number)) } }
        }
        defer { watching.cancel() }
        // An early one would end the process without a word about lines that were read.
        await signals.taken()
        let failure = try await loop.flatSubmit { session.value.run() }.get()
        await diagnostics.flush()
        if let failure { throw failure }
    }

    private static func openIO(
        _ plan: SessionPlan,
        on loop: any EventLoop
    ) async throws -> (input: NIOLoopBound<any InputSource>?, output: NIOLoopBound<any OutputSink>?) {
        var input: NIOLoopBound<any InputSource>?
        if case .standardInput = plan.input { input = try await StandardIO.openInput(on: loop) }
        let printsToTerminal = plan.isTyped && plan.outputIsTerminal
        let output = printsToTerminal ? nil : try await StandardIO.openOutput(on: loop)
        return (input, output)
    }
}
