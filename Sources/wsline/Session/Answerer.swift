import NIOCore
import WebSocketProtocol

/// The answers to the messages of a batch, in portions of limited size: a batch of small messages can have answers that
/// do not fit into memory.
struct PendingAnswers {
    /// The size in bytes of a portion, not counting its last answer.
    private static let portion = 256 << 10

    private let batch: MessageBatch
    private let rules: [ReplyRule]
    private let kind: MessageBatch.Kind
    private var next = 0

    /// Creates the answers.
    ///
    /// - Parameters:
    ///   - batch: the received messages.
    ///   - rules: the rules; the first one that applies to a message answers it.
    ///   - kind: whether answers are text or binary messages.
    init(to batch: MessageBatch, _ rules: [ReplyRule], _ kind: MessageBatch.Kind) {
        (self.batch, self.rules, self.kind) = (batch, rules, kind)
    }

    /// Returns the next portion; nil after the last one.
    mutating func nextPortion() -> MessageBatch? {
        var answers = MessageBatch()
        batch.bytes.withUnsafeReadableBytes { bytes in
            while next < batch.entries.count, answers.footprint < Self.portion {
                let entry = batch.entries[next]
                next += 1
                guard entry.kind.isMessage else { continue }
                let message = UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.count])
                for rule in rules {
                    guard let answer = rule.answer(to: message) else { continue }
                    answers.append(kind, answer.utf8)
                    break
                }
            }
        }
        return answers.isEmpty ? nil : answers
    }
}

/// Sends the answers of a session. While answers wait for the socket, the session stops reading. Confined to its event
/// loop.
final class Answerer {
    let rules: ReplyRules
    private let kind: MessageBatch.Kind
    private let sender: SessionSender
    private let frontEnd: any FrontEnd
    private let onRoom: () -> Void
    private var waiting: [PendingAnswers] = []
    private var isSending = false
    private var isInLoop = false

    /// Creates an answerer.
    ///
    /// - Parameters:
    ///   - plan: the plan of the session.
    ///   - sender: sends the answers.
    ///   - frontEnd: shows the answers.
    ///   - onRoom: called when `isFull` becomes false.
    init(_ plan: SessionPlan, _ sender: SessionSender, _ frontEnd: any FrontEnd, onRoom: @escaping () -> Void) {
        rules = ReplyRules(plan.rules)
        kind = plan.messageKind
        (self.sender, self.frontEnd, self.onRoom) = (sender, frontEnd, onRoom)
    }

    /// Whether answers wait, so that the session should stop reading.
    private(set) var isFull = false

    /// Answers the messages of a batch.
    func answer(_ batch: MessageBatch) {
        let rules = rules.all
        guard !rules.isEmpty else { return }
        waiting.append(PendingAnswers(to: batch, rules, kind))
        isFull = true
        sendNext()
    }

    /// Drops all answers that wait: the connection has ended.
    func stop() { (waiting, isFull) = ([], false) }

    /// Sends the next answers, unless the output that shows them is full; call it when the output has room again.
    func sendNext() {
        while !isSending, !waiting.isEmpty, frontEnd.output?.isWritable != false {
            guard let answers = waiting[0].nextPortion() else {
                waiting.removeFirst()
                continue
            }
            (isSending, isInLoop) = (true, true)
            frontEnd.show(answers: answers)
            sender.write(answers, isAnswer: true) { [weak self] _ in self?.sent() }
            isInLoop = false
        }
        guard isFull, waiting.isEmpty else { return }
        isFull = false
        onRoom()
    }

    private func sent() {
        isSending = false
        // A portion that is sent at once must not nest another call.
        if !isInLoop { sendNext() }
    }
}
