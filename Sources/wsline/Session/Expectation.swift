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

    /// Begins the comparison of a message.
    ///
    /// - Returns: the expectation that it may meet; nil when all were met.
    mutating func begin(_ message: String) -> Expectation? {
        guard let awaited else { return nil }
        (lastMessage, lastProblem) = (message, InvalidValue("the comparison timed out"))
        return awaited
    }

    /// Ends the comparison with its result.
    mutating func end(_ result: Result<Bool, InvalidValue>) {
        lastProblem = nil
        switch result {
        case .success(true): rest.removeFirst()
        case .success(false): break
        case .failure(let problem): lastProblem = problem
        }
    }
}
