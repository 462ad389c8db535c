import MessageText
import NIOCore
import WebSocketProtocol

/// A script that repeats recorded sessions: it sends what they sent and expects what they received.
///
/// A recording is untrusted: the server chose most of its content, and the file may come from anywhere. Therefore every
/// line is written by `ScriptWriter`, and the script never reads a file.
package struct RecordedScript {
    /// A line of the script.
    package enum Line: Equatable {
        case name(Int)
        case step(Step, written: String)
        case comment(String)
        case empty
    }

    /// The lines, in order.
    package private(set) var lines: [Line] = []
    /// The values of the current recording that are different in each session.
    private var correlation: Correlation?
    /// The name of the connection of the statements; empty for the only one.
    private var connection = ""
    /// The payload of the last ping of each connection, without a pong.
    private var pings: [String: [UInt8]] = [:]
    /// The statements of the current session, and the sessions whose messages they have to accept.
    private var checked: [TrafficCheck.Line] = []
    private var checks: [(lines: [TrafficCheck.Line], sessions: [TrafficCheck])] = []
    /// The reason why recordings were not compared; nil if they were.
    private var incomparable: String?
    private var size = 0
    private var stepCount = 0

    /// Creates a script from recordings.
    ///
    /// - Parameters:
    ///   - recordings: the sessions.
    ///   - others: other recordings of the same sessions, which show what is different each time.
    ///   - isUnordered: whether the script accepts received messages in any order.
    /// - Throws: `Recording.Invalid` for a URL, subprotocol, message or close code that no script can contain.
    package init(
        of recordings: [Recording],
        comparedWith others: [Recording] = [],
        inAnyOrder isUnordered: Bool = false
    ) throws(Recording.Invalid) {
        let sessions = RecordedSession.sessions(of: recordings, comparedWith: others)
        let others = RecordedSession.sessions(of: others, comparedWith: recordings)
        if !others.isEmpty, sessions.map(\.outcomes) != others.map(\.outcomes) {
            incomparable = "the recordings have different connections; the script may pass for the first one only"
        }
        for (number, session) in sessions.enumerated() {
            if number > 0 { lines.append(.empty) }
            if sessions.count > 1 { lines.append(.name(number + 1)) }
            var comparison = RecordingComparison(session, number < others.count ? others[number] : nil)
            if isUnordered { comparison.unordered = Set(session.entries.indices) }
            try append(session, comparison)
        }
    }

    /// The text of the script.
    package var text: String {
        lines.map { line in
            switch line {
            case .name(let number): "== session \(number)\n"
            case .step(_, let written): written + "\n"
            case .comment(let text): ScriptWriter.comment(text) + "\n"
            case .empty: "\n"
            }
        }.joined()
    }

    /// Returns the reason why the script cannot pass with one of the recordings, if there is one.
    ///
    /// - Parameter names: the names of the recordings.
    /// - Returns: the reason.
    package func fault(_ names: [String]) async -> String? {
        for (lines, sessions) in checks {
            for (name, session) in zip(names, sessions) {
                var session = session
                guard let number = await session.fault(in: lines) else { continue }
                return "line \(number) of the script does not accept the messages of \"\(name)\"; edit it"
            }
        }
        return incomparable
    }

    private mutating func append(
        _ session: RecordedSession,
        _ comparison: RecordingComparison
    ) throws(Recording.Invalid) {
        var handshakes: [RecordedHandshake] = []
        for recording in session.connections {
            handshakes.append(RecordedHandshake(recording, variables: handshakes.last?.variables ?? []))
        }
        if let variables = handshakes.last?.variables, !variables.isEmpty {
            let names = variables.joined(separator: ", ")
            lines.append(.comment("A recording has no secrets and no files: give \(names) with --set or --env-file."))
        }
        if session.connections.contains(where: { $0.options.contains("no-check") }) {
            lines.append(.comment("The certificate was not checked; the option no-check would do the same here."))
        }
        let correlation = Correlation(session, comparison)
        self.correlation = correlation
        (pings, checked) = ([:], [])
        for (index, entry) in session.entries.enumerated() {
            // A connection that is the only one of its test needs no name.
            connection = session.name(of: entry.connection)
            if let event = entry.event {
                try append(event, index, entry.connection, comparison)
                continue
            }
            for step in handshakes[entry.connection].steps { try append(step, Self.words(step)) }
            for step in session.rules[entry.connection] { try append(step, "a heartbeat") }
            guard index == 0 else { continue }
            for step in correlation.definitions { try append(step, "a value of the client") }
        }
        let all = [session] + [comparison.other].compactMap { $0 }
        checks.append(
            (checked, all.map { TrafficCheck($0, values: correlation.generated(in: $0, like: session)) })
        )
    }

    private static func words(_ step: Step) -> String {
        switch step {
        case .connect(let url): "its URL is \(Excerpt.of(url.source))"
        case .option(let option, let value): "its \(option.rawValue) is \(Excerpt.of(value?.source ?? ""))"
        default: ""
        }
    }

    private mutating func append(_ step: Step, _ what: @autoclosure () -> String) throws(Recording.Invalid) {
        guard let written = try? ScriptWriter.line(step, on: step.needsConnection ? connection : "") else {
            throw Recording.Invalid(message: "cannot write a script for the recorded session: \(what())")
        }
        size += written.utf8.count + 1
        stepCount += 1
        // The other half is left for names and comments.
        guard size <= ScriptFiles.sizeLimit / 2, stepCount <= ScriptParser.statementLimit else {
            throw Recording.Invalid(message: "cannot write a script for the recorded sessions: they are too long")
        }
        lines.append(.step(step, written: written))
        checked.append((connection, step, lines.count))
    }

    /// Returns a statement if a line of a script can contain it.
    private static func writable(_ step: Step?) -> Step? {
        step.flatMap { (try? ScriptWriter.line($0)) == nil ? nil : $0 }
    }

    private mutating func append(
        _ event: Recording.Event,
        _ index: Int,
        _ number: Int,
        _ comparison: RecordingComparison
    ) throws(Recording.Invalid) {
        switch event {
        case .message(.sent, let message):
            let step = Self.writable(correlation?.sending(message)) ?? .send(Self.content(message))
            try append(step, Self.words(message))
        case .message(.received, let message) where comparison.missing.contains(index):
            lines.append(.comment("only in one recording: \(Excerpt.of(message))"))
        case .message(.received, let message):
            let step = { comparison.unordered.contains(index) ? Step.expectInAnyOrder($0) : .expect($0) }
            let pattern = correlation?.expecting(message, index) { Self.writable(step($0)) }
            try append(pattern ?? step(.exact(Self.content(message))), Self.words(message))
        case .ping(.sent, let data):
            let text = Template(literal: String(validating: data, as: UTF8.self) ?? "")
            let step = Step.ping((try? ScriptWriter.line(.ping(text))) == nil ? Template(literal: "") : text)
            try append(step, "")
            pings[connection] = data
        // The times of a server's pings do not depend on the messages it receives.
        case .ping(.received, _): break
        case .pong(.received, let data):
            // Only the pong of the last ping; others are unsolicited or answered by an earlier pong.
            if pings[connection] == data {
                try append(.expectPong(within: nil), "")
                pings[connection] = nil
            }
        case .pong(.sent, _): break
        case .close(let code, let reason, byServer: true):
            try append(endWith: code ?? .noStatusReceived, reason, number, comparison)
        case .close(let code, let reason, byServer: false):
            try appendClose(reason) { .close(code ?? .normalClosure, reason: $0) }
            try append(.expectClose(nil, reason: nil), "")
        case .lost: try append(endWith: .abnormalClosure, "", number, comparison)
        case .violation(let reason):
            lines.append(.comment("the server violated the protocol, which no statement expects: \(reason)"))
        case .refused(let status?):
            let isCommon = comparison.other.map { $0.status(of: number) == status } ?? true
            let step = Step.handshake(.refused(status: isCommon ? status : nil))
            try append(Self.writable(step) ?? .handshake(.refused(status: nil)), "")
        case .refused(nil): try append(.handshake(.certificateRejected), "")
        }
    }

    /// Appends the end of a connection. If the recordings differ in it, it becomes a comment.
    private mutating func append(
        endWith code: CloseCode,
        _ reason: String,
        _ number: Int,
        _ comparison: RecordingComparison
    ) throws(Recording.Invalid) {
        guard let (code, reason) = comparison.expectEnd(code, reason, number) else {
            lines.append(
                .comment(
                    "the connection ended here with \(code.rawValue), which the script cannot expect for both recordings"
                )
            )
            return
        }
        try appendClose(reason) { .expectClose(code, reason: $0.isEmpty ? nil : $0) }
    }

    /// Appends a Close. If no statement can contain its reason, the reason becomes a comment.
    private mutating func appendClose(_ reason: String, _ step: (Template) -> Step) throws(Recording.Invalid) {
        let whole = step(Template(literal: reason))
        guard (try? ScriptWriter.line(whole)) == nil else { return try append(whole, "") }
        let bare = step(Template(literal: ""))
        try append(bare, "the code of the Close must not be sent")
        lines.append(.comment("the reason cannot be part of a statement: \(VisibleText.quoted(reason))"))
    }

    private static func content(_ message: ScriptMessage) -> Content {
        guard message.isText else {
            return .hex(Template(literal: HexDump.digits(of: message.payload.readableBytesView)))
        }
        return .text(Template(literal: message.text))
    }

    private static func words(_ message: ScriptMessage) -> String {
        "a message of \(message.payload.readableBytes) bytes does not fit into a line of \(ScriptParser.lineLimit >> 10) KiB"
    }
}
