import MessageText
import WebSocketProtocol

/// The argument of `--expect`.
typealias Expectation = Pattern

/// Expectations that incoming messages meet in order; other messages in between are ignored.
struct ExpectationProgress: Sendable {
    private var rest: ArraySlice<Expectation>
    /// The newest message, for the report of an expectation that was not met.
    private(set) var lastMessage: String?
    /// The reason why the newest message could not be compared, if so.
    private(set) var lastProblem: InvalidValue?

    init(_ expectations: [Expectation]) { rest = expectations[...] }

    /// How many were not met yet.
    var left: Int { rest.count }

    /// The next expectation; nil when all were met.
    var awaited: Expectation? { rest.first }

    /// Compares messages.
    ///
    /// - Returns: whether one of them met an expectation.
    mutating func take(_ batch: MessageBatch) -> Bool {
        let before = rest.count
        for entry in batch.entries where entry.kind.isMessage {
            guard let awaited else { break }
            let message = batch.string(of: entry)
            (lastMessage, lastProblem) = (message, nil)
            do throws(InvalidValue) {
                if try awaited.matches(message) { rest.removeFirst() }
            } catch {
                lastProblem = error
            }
        }
        return rest.count < before
    }
}
