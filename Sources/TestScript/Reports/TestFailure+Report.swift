import MessageText

/// The parts of a report about a failure.
extension TestFailure {
    /// The file name and line number of the statement.
    package var place: String { "\(statement.line.path):\(statement.line.number)" }
    /// The statement as written, without secrets.
    package var code: String { Redaction.withoutSecrets(String(statement.line.code)) }

    /// The details and the messages before the failure.
    var lines: [String] {
        details + (earlier.isEmpty ? [] : ["before:"] + earlier.map { "  " + $0 })
    }

    /// The heading for the failure in `inFinally`.
    static let finallyHeading = "the finally part also failed:"

    /// The whole report, with the failure of the `finally` part.
    var report: [String] {
        ["\(place): \(code)", message] + lines + inFinally.flatMap { [Self.finallyHeading] + $0.report }
    }
}
