import NIOCore
import WebSocketClient
import WebSocketProtocol

/// What every session does: receive until the connection has ended, send meanwhile, and close at the right time.
///
/// A loop over events; each is what one task came to, and none waits for another's I/O.
struct SessionLoop {
    /// How the sending side came to its end.
    enum InputEnd: Sendable {
        /// All was sent, or something could not be: replies are awaited, then the connection is closed.
        case exhausted(Diagnostic?)
        /// The user wants to leave: the connection is closed, and nothing is awaited for long.
        case leave(ExitStatus)
    }

    /// How the receiving side came to its end.
    private struct Reception: Sendable {
        /// How the connection ended.
        var ending: Ending
        /// Messages shown.
        var count = 0
        /// Why no more were shown.
        var failure: SystemCallError?
    }

    private enum Event: Sendable {
        case received(Reception)
        case inputEnded(InputEnd)
        case waitEnded
        case signal(Int32)
        case nothing
    }

    /// How long a server may take to answer the Close of a user who has seen enough.
    private static let grace: TimeAmount = .milliseconds(500)

    let plan: SessionPlan
    let connection: Connection
    let signals: Signals

    /// Runs until the connection has ended.
    ///
    /// - Parameters:
    ///   - inputExecutor: where `send` runs, when it blocks.
    ///   - send: sends what the user has to say; ends soon after `stopInput`.
    ///   - stopInput: called when nothing can be sent any more.
    ///   - show: shows at most so many messages of an arrival and returns how many; runs where it may block.
    /// - Returns: the number of messages shown.
    /// - Throws: `Diagnostic` when it did not end as asked.
    @discardableResult
    func run(
        inputExecutor: QueueExecutor?,
        send: (@Sendable () async -> InputEnd)?,
        stopInput: () -> Void,
        show: @Sendable @escaping (Arrival, Int) async throws(SystemCallError) -> Int
    ) async throws -> Int {
        var leaving: ExitStatus?
        var inputFailure: Diagnostic?
        let reception = await withTaskGroup(of: Event.self) { group -> Reception? in
            let outputExecutor = QueueExecutor(label: "output")
            group.addTask(executorPreference: outputExecutor) { .received(await receive(show)) }
            if let send { group.addTask(executorPreference: inputExecutor) { .inputEnded(await send()) } }
            group.addTask { await nextSignal() }
            func leave(_ status: ExitStatus) {
                leaving = status
                connection.close(.normal, within: Self.grace)
            }

            var reception: Reception?
            for await event in group {
                switch event {
                case .received(let value):
                    reception = value
                    stopInput()
                    group.cancelAll()
                case .inputEnded(.exhausted(let failure)):
                    inputFailure = failure
                    guard reception == nil, case .limited(let time) = plan.wait else { break }
                    group.addTask { (try? await Task.sleep(for: time)) == nil ? .nothing : .waitEnded }
                case .inputEnded(.leave(let status)):
                    if reception == nil { leave(status) }
                case .waitEnded:
                    connection.close(.normal)
                case .signal(let number):
                    // A second signal does not wait for anything.
                    guard leaving == nil else {
                        connection.abort()
                        break
                    }
                    leave(.signal(number))
                    group.addTask { await nextSignal() }
                case .nothing:
                    break
                }
            }
            return reception
        }
        guard let reception else { throw Diagnostic(.defect, "the receiving task ended without a result") }
        try judge(reception, leaving, inputFailure)
        return reception.count
    }

    private func receive(_ show: (Arrival, Int) async throws(SystemCallError) -> Int) async -> Reception {
        let limit = plan.messageLimit ?? .max
        var reception = Reception(ending: .lost(reason: nil, whileClosing: false))
        do {
            for try await arrival in connection.arrivals {
                if reception.failure == nil, reception.count < limit {
                    do throws(SystemCallError) {
                        reception.count += try await show(arrival, limit - reception.count)
                    } catch {
                        reception.failure = error
                    }
                    if reception.failure != nil || reception.count == limit {
                        connection.close(.normal, within: Self.grace)
                    }
                }
                if let ending = arrival.ending {
                    reception.ending = ending
                    break
                }
            }
        } catch {
            reception.ending = .lost(reason: "\(error)", whileClosing: false)
        }
        return reception
    }

    private func nextSignal() async -> Event {
        for await number in signals.events { return .signal(number) }
        return .nothing
    }

    /// Tells how the session ended, the user's wish first, then what was not done of what was asked.
    private func judge(_ reception: Reception, _ leaving: ExitStatus?, _ inputFailure: Diagnostic?) throws {
        if let leaving {
            guard leaving == .success else { throw Diagnostic(leaving, "") }
            return
        }
        if let failure = reception.failure {
            // Whoever read our output has seen enough (`| head -1`).
            if failure.isBrokenPipe { return }
            throw Diagnostic(failure)
        }
        if let limit = plan.messageLimit, reception.count >= limit { return }
        let failure = Diagnostic(reception.ending)
        if var inputFailure {
            if inputFailure.status == .lost, let failure { inputFailure.message += "; \(failure.message)" }
            throw inputFailure
        }
        if let failure { throw failure }
    }
}
