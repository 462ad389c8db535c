import MessageText

/// Execution of loops.
extension TestRun {
    mutating func perform(_ loop: Loop, _ statement: Statement) async throws(TestFailure) {
        switch loop.kind {
        case .count(let template):
            let text = try text(template, statement)
            let times = try value(statement) { () throws(InvalidValue) in try Loop.count(text) }
            for _ in 0..<times where !Task.isCancelled {
                try count(statement)
                try await perform(loop.body)
            }
        case .values(let name, let values):
            for value in values where !Task.isCancelled {
                try count(statement)
                try keep(try text(value, statement), as: name, statement)
                try await perform(loop.body)
            }
        }
    }
}
