import MessageText
import NIOCore
import WebSocketProtocol
import WebSocketTransport

/// Opening of a test's connections.
extension TestRun {
    /// Opens the connections whose options are complete, in script order.
    ///
    /// - Throws: `TestFailure` if one cannot be opened.
    mutating func openPending() async throws(TestFailure) {
        let names = pending
        pending = []
        for name in names {
            if let peer = peers[name] { try await open(peer) }
        }
    }

    private func open(_ peer: ScriptPeer) async throws(TestFailure) {
        guard let statement = peer.connect, case .connect(let template) = statement.step else { return }
        let (url, options, limit) = try dialing(template, peer.options, statement)
        let reader = Task { [context, http2] in await peer.dial(url, options, context, http2) }
        readers.yield(reader)
        let opening = await withTaskCancellationHandler {
            await peer.inbox.take(within: limit + .seconds(1), on: loop, \.opening)
        } onCancel: {
            // Only canceling the task ends an attempt to connect.
            reader.cancel()
        }
        switch opening {
        case .success(let connection): try checkSubprotocol(of: connection, peer)
        // A later statement checks the rejection.
        case .failure where test.handshakeChecks(on: peer.name).contains(where: \.isRefusal): break
        case .failure(let explanation):
            var failure = failure(statement, explanation.message, explanation.details)
            failure.isError = peer.inbox.connectError?.isAboutReachability ?? false
            throw failure
        case nil:
            var failure = failure(statement, "cannot connect: timed out after \(Seconds.words(limit))")
            failure.isError = true
            throw failure
        }
    }

    /// Fails the test if subprotocols were offered and the server accepted none of them.
    private func checkSubprotocol(of connection: Connection, _ peer: ScriptPeer) throws(TestFailure) {
        guard let offer = peer.options.first(where: { $0.option == .subprotocol }),
            connection.handshake.subprotocol == nil,
            !test.handshakeChecks(on: peer.name).contains(where: \.isAboutSubprotocol)
        else { return }
        throw failure(offer.statement, "the server accepted none of the offered subprotocols")
    }

    /// Returns the URL, configuration and time limit for opening a connection.
    private func dialing(
        _ template: Template,
        _ options: [ScriptPeer.Option],
        _ statement: Statement
    ) throws(TestFailure) -> (WebSocketURL, ConnectionConfiguration, Duration) {
        do {
            let profile = try ScriptTarget.profile(template)
            let target = try ScriptTarget.read(try profile?.url ?? variables.expand(template))
            guard let url = target ?? context.echo else {
                throw InvalidValue("the built-in echo server is not running")
            }
            let settings = try options.map(setting)
            var configuration = try ConnectionSetup.configuration(
                (profile?.settings.filter { !$0.isOverridden(by: settings) } ?? []) + settings,
                for: url,
                folder: folder,
                .script
            )
            if target == nil {
                configuration.bypassProxy(for: url)
                configuration.http2 = .never
            }
            let limit = min(timeout, .nanoseconds(configuration.connectTimeout.nanoseconds))
            configuration.connectTimeout = .nanoseconds(Int64(limit / .nanoseconds(1)))
            return (url, configuration, limit)
        } catch let error as InvalidValue {
            let templates = [template] + options.compactMap(\.value)
            throw failure(statement, Secrets.words(error.description, about: templates))
        } catch {
            let explanation = Explanation(error)
            throw failure(statement, explanation.message, explanation.details)
        }
    }

    private func setting(_ written: ScriptPeer.Option) throws(InvalidValue) -> ConnectionSetting {
        let text = try written.value.map { (template) throws(InvalidValue) in try variables.expand(template) } ?? ""
        do throws(InvalidValue) {
            return try written.option.literalSetting(text)
        } catch {
            throw InvalidValue(OptionSpelling.script.explain(error, written.option, text))
        }
    }
}

extension Inbox.Content {
    /// The result of opening the connection; nil while it is in progress.
    fileprivate var opening: Result<Connection, Explanation>? {
        if let connection { return .success(connection) }
        if case .failed(let explanation, _) = phase { return .failure(explanation) }
        return nil
    }
}

extension ConnectError {
    /// Whether the error means that the server could not be reached.
    var isAboutReachability: Bool {
        switch self {
        case .nameNotResolved, .unreachable, .timedOut, .proxy, .badProxy, .endedEarly: true
        default: false
        }
    }
}
