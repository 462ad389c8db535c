import WebSocketTransport
import WebSocketProtocol

/// How a session shows what arrives: at most so many messages of an arrival. Both return how many, and run on the event
/// loop of the connection.
struct Showing: Sendable {
    /// Shows it if that can be done without waiting; returns nil when it can't, and nothing was shown.
    var atOnce: @Sendable (Inbound, Int) throws(SystemCallError) -> Int? = { _, _ in nil }
    /// Shows it, however long that takes; must not block.
    var show: @Sendable (Inbound, Int) async throws(SystemCallError) -> Int
}

/// How the receiving side of a session came to its end.
struct Reception: Sendable {
    /// How the connection ended.
    var ending: CloseOutcome
    /// Messages shown.
    var count = 0
    /// Why no more were shown.
    var failure: SystemCallError?
    /// The expectation that was not met, and the message that came instead.
    var unmet: (expectation: Expectation, lastMessage: String?)?
}

/// The receiving side of a session, on the event loop of the connection: shows what arrives until the connection has ended,
/// and closes it when enough has come.
final class Receiver {
    private let plan: SessionPlan
    private let connection: Connection
    private let log: EventLog
    private let progress: SessionProgress
    private let showing: Showing
    private let limit: Int
    private var expected: ExpectationProgress
    private var reception = Reception(ending: .lost(reason: nil, whileClosing: false))

    init(
        _ plan: SessionPlan,
        _ connection: Connection,
        _ log: EventLog,
        _ progress: SessionProgress,
        _ showing: Showing
    ) {
        (self.plan, self.connection, self.log, self.progress, self.showing) = (plan, connection, log, progress, showing)
        limit = plan.messageLimit ?? .max
        expected = ExpectationProgress(plan.expectations)
    }

    /// Receives until the connection has ended.
    func run() async -> Reception {
        connection.arrivals.takesAtOnce = { [self] in takeAtOnce($0) }
        defer { connection.arrivals.takesAtOnce = nil }
        do {
            for try await arrival in connection.arrivals {
                await take(arrival)
                guard let ending = arrival.ending else { continue }
                reception.ending = ending
                if reception.failure == nil { reception.failure = record(ending) }
                break
            }
        } catch {
            reception.ending = .lost(reason: "\(error)", whileClosing: false)
        }
        reception.unmet = expected.awaited.map { ($0, expected.lastMessage) }
        return reception
    }

    private var showsMore: Bool { reception.failure == nil && reception.count < limit }

    /// Takes what can be shown without waiting; returns false when that can't be.
    private func takeAtOnce(_ arrival: Inbound) -> Bool {
        guard arrival.ending == nil, showsMore else { return false }
        let shown: Result<Int, SystemCallError>
        do throws(SystemCallError) {
            guard let count = try showing.atOnce(arrival, limit - reception.count) else { return false }
            shown = .success(count)
        } catch {
            shown = .failure(error)
        }
        expect(arrival)
        note(shown)
        progress.end(arrival)
        return true
    }

    private func take(_ arrival: Inbound) async {
        progress.begin(arrival)
        expect(arrival)
        if showsMore {
            do throws(SystemCallError) {
                note(.success(try await showing.show(arrival, limit - reception.count)))
            } catch {
                note(.failure(error))
            }
        }
        progress.end(arrival)
    }

    private func expect(_ arrival: Inbound) {
        guard !plan.expectations.isEmpty else {
            if arrival.batch.messageCount > 0 { progress.awaited.note() }
            return
        }
        let isMet = expected.take(arrival.batch)
        if isMet { progress.awaited.note() }
        if isMet, expected.awaited == nil { connection.close(plan.closeFrame, within: SessionLoop.grace) }
    }

    private func note(_ shown: Result<Int, SystemCallError>) {
        switch shown {
        case .success(let count): reception.count += count
        case .failure(let error): reception.failure = error
        }
        // An expectation holds, whether or not anybody reads what comes.
        let isUnread = reception.failure?.isBrokenPipe == true && expected.awaited != nil
        if reception.failure != nil && !isUnread || reception.count == limit {
            connection.close(plan.closeFrame, within: SessionLoop.grace)
        }
    }

    private func record(_ ending: CloseOutcome) -> SystemCallError? {
        do throws(SystemCallError) {
            if case .closed(let frame, let answered) = ending {
                // The Close that began it; the other only answers.
                try log.write(.close(answered ?? frame, byServer: answered == nil))
            } else {
                try log.write(.lost)
            }
            return nil
        } catch {
            return error
        }
    }
}
