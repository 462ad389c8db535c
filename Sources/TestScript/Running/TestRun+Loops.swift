import MessageText

/// Execution of loops.
extension TestRun {
    mutating func perform(_ loop: Loop, _ statement: Statement) async throws(TestFailure) {
        switch loop.kind {
        case .count(let template):
            let text = try text(template, statement)
            let times = try value(statement) { () throws(InvalidValue) in try Loop.count(text) }
            for number in 0..<times where !Task.isCancelled {
                try await perform(loop, "round \(number + 1) of \(times)", statement)
            }
        case .values(let name, let values):
            for value in values where !Task.isCancelled {
                let text = try text(value, statement)
                try keep(text, as: name, statement)
                try await perform(loop, "\(name) = \(Excerpt.of(text))", statement)
            }
        }
    }

    private mutating func perform(
        _ loop: Loop,
        _ round: String,
        _ statement: Statement
    ) async throws(TestFailure) {
        // Removed only after success, so that the report of a failure has it.
        rounds.append(round)
        try count(statement)
        try await perform(loop.body)
        rounds.removeLast()
    }
}
