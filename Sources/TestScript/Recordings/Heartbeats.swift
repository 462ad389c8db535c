import MessageText
import NIOCore

/// A type that finds the heartbeats of a recorded session and creates rules to answer or ignore them.
struct Heartbeats {
    private typealias Rule = (source: String, answer: String?, step: Step)

    private var rules: [Rule] = []
    /// The indices of the events that the rules replace.
    private(set) var events: Set<Int> = []

    /// The maximum size of a heartbeat, in bytes.
    private static let sizeLimit = 200
    private static let ruleLimit = 10
    /// The maximum number of messages between a heartbeat and its answer.
    private static let lookahead = 16
    /// The maximum time between a heartbeat and its answer.
    private static let patience = Duration.seconds(1)
    /// The minimum interval at which messages are recognized as heartbeats by their timing alone.
    private static let leastInterval = Duration.seconds(1)

    private struct Beat {
        let index: Int
        let time: Duration
        /// The index and text of the answer.
        var answer: (index: Int, text: String)?
    }

    private struct Message {
        let index: Int
        let time: Duration
        let direction: Recording.Direction
        let message: ScriptMessage
    }

    /// The rules.
    var steps: [Step] { rules.map(\.step) }

    /// Finds the heartbeats of a connection.
    ///
    /// - Parameters:
    ///   - recording: the recorded connection.
    ///   - known: the heartbeats in another recording of the connection, which are heartbeats here, too.
    init(_ recording: Recording, known: Heartbeats? = nil) {
        rules = known?.rules ?? []
        var beats: [String: [Beat]] = [:]
        let messages = recording.events.enumerated().compactMap { index, entry in
            if case .message(let direction, let message) = entry.event {
                Message(index: index, time: entry.time, direction: direction, message: message)
            } else {
                nil
            }
        }
        for (place, entry) in messages.enumerated() where entry.direction == .received {
            guard entry.message.isText, entry.message.payload.readableBytes <= Self.sizeLimit else { continue }
            let source = Self.source(of: entry.message.text)
            let answer = Self.answer(to: source, in: messages[(place + 1)...], until: entry.time + Self.patience)
            beats[source, default: []].append(Beat(index: entry.index, time: entry.time, answer: answer))
        }
        for (source, list) in beats.sorted(by: { $0.value[0].index < $1.value[0].index }) {
            if let rule = rules.first(where: { $0.source == source }) {
                take(list, rule)
            } else if rules.count < Self.ruleLimit {
                add(source, list)
            }
        }
    }

    /// Replaces heartbeats, and their answers, by a rule.
    private mutating func take(_ beats: [Beat], _ rule: Rule) {
        events.formUnion(beats.map(\.index))
        events.formUnion(beats.compactMap(\.answer).filter { $0.text == rule.answer }.map(\.index))
    }

    /// Returns the answer to a message. That of a heartbeat known by its text may be later than other messages.
    private static func answer(
        to source: String,
        in messages: ArraySlice<Message>,
        until end: Duration
    ) -> (index: Int, text: String)? {
        let isKnown = source == engineIO.source || isNamed(source)
        for next in messages.prefix(isKnown ? lookahead : 1) {
            guard next.time <= end else { return nil }
            guard next.direction == .sent, next.message.isText, next.message.payload.readableBytes <= sizeLimit else {
                continue
            }
            let text = next.message.text
            let isAnswer =
                isNamed(source)
                ? text.contains(/(?i)pong|ping|heartbeat|keep-?alive/) : !isKnown || text == engineIO.answer
            if isAnswer { return (next.index, text) }
        }
        return nil
    }

    private static let engineIO = (source: "2", answer: "3")

    private static func isNamed(_ source: String) -> Bool {
        source.contains(/(?i)"(type|event|op|action|kind|method)":"(ping|heartbeat|ka|keep-?alive)"/)
    }

    private mutating func add(_ source: String, _ beats: [Beat]) {
        let isNamed = Self.isNamed(source)
        // The session may have ended before the last answer.
        let counted = isNamed && beats.count > 1 && beats.last?.answer == nil ? beats.dropLast() : beats[...]
        var answers = Set(counted.map { $0.answer?.text })
        if isNamed, answers.contains(nil) { answers = [nil] }
        guard answers.count == 1, let answer = answers.first else { return }
        guard isNamed || Self.isHeartbeat(source, answer, beats) else { return }
        let template = (try? Template(source)) ?? Template(literal: source)
        let pattern: MessagePattern = source.hasPrefix("{") ? .json(template) : .exact(.text(template))
        let step = answer.map { Step.answer(pattern, .text(Template(literal: $0))) } ?? .ignore(pattern)
        guard (try? ScriptWriter.line(step)) != nil else { return }
        rules.append((source, answer, step))
        take(beats, rules[rules.count - 1])
    }

    /// Returns whether messages recur at intervals with the same answer, or are Engine.IO heartbeats.
    private static func isHeartbeat(_ source: String, _ answer: String?, _ beats: [Beat]) -> Bool {
        if source == engineIO.source, answer == engineIO.answer { return true }
        let intervals = zip(beats, beats.dropFirst()).map { $1.time - $0.time }
        return answer != nil && intervals.count >= 2 && intervals.allSatisfy { $0 >= leastInterval }
    }

    /// Returns a pattern for a heartbeat that matches any number in place of the time that it may contain.
    private static func source(of text: String) -> String {
        guard let pieces = MessagePieces(text, isCompact: true), pieces.isJSON else {
            return Template(literal: text).source
        }
        return pieces.source { value, _ in
            !value.isString && value.text.utf8.count >= 10 || value.isString && VolatileText.matches(value.text)
                ? .any : nil
        }
    }
}
