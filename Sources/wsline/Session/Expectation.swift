import MessageText
import WebSocketProtocol

/// The argument of `--expect`.
typealias Expectation = Pattern

/// The expectations that incoming messages meet in order. Messages in between are ignored.
struct ExpectationProgress: Sendable {
    private var rest: ArraySlice<Expectation>
    /// The newest message, for reporting an unmet expectation.
    private(set) var lastMessage: String?
    /// The reason why the newest message could not be compared, if any.
    private(set) var lastProblem: InvalidValue?

    init(_ expectations: [Expectation]) { rest = expectations[...] }

    /// The number of unmet expectations.
    var left: Int { rest.count }

    /// The next expectation; nil if all were met.
    var awaited: Expectation? { rest.first }

    /// Starts the comparison of a message.
    ///
    /// - Returns: the expectation to compare it with; nil if all were met.
    mutating func begin(_ message: String) -> Expectation? {
        guard let awaited else { return nil }
        (lastMessage, lastProblem) = (message, InvalidValue("the comparison took too long"))
        return awaited
    }

    /// Records the result of the comparison.
    mutating func end(_ result: Result<Bool, InvalidValue>) {
        lastProblem = nil
        switch result {
        case .success(true): rest.removeFirst()
        case .success(false): break
        case .failure(let problem): lastProblem = problem
        }
    }
}
