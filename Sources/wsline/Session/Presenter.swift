import MessageText
import NIOCore
import WebSocketProtocol

/// Renders a batch of messages for a destination.
struct Presenter: Sendable {
    /// The destination of the output.
    enum Destination: Sendable {
        /// A pipe or a file: the original bytes, framed.
        case pipe(Framing)
        /// A terminal without a user who types: control characters are escaped.
        case terminal
        /// A terminal at which the user types: messages are also labeled, and long ones are folded.
        case session
    }

    let destination: Destination
    let settings: DisplaySettings
    var direction = SessionEvent.Direction.received
    /// The text before the direction mark in a session: the number of a client of `serve`.
    var mark = ""
    /// The number of the first message of the batch, to show before it; nil for no numbers.
    var firstNumber: Int?
    /// Whether a raw binary message is printed without a delimiter.
    var omitsDelimiter = false

    private var label: String { mark + (direction == .sent ? ">" : "<") }

    /// The framing if payloads are written to a pipe unchanged; nil otherwise.
    private var plainFraming: Framing? {
        guard case .pipe(let framing) = destination, !settings.pretty, !settings.timestamps,
            settings.binaryStyle == nil
        else { return nil }
        return framing
    }

    /// Prints the first `limit` messages of a batch; in a session, also its pings and pongs if the settings ask for
    /// them.
    ///
    /// - Parameters:
    ///   - batch: the messages.
    ///   - time: the time of arrival.
    ///   - limit: the maximum number of messages.
    ///   - sink: the destination.
    /// - Returns: the number of messages printed.
    func print(_ batch: MessageBatch, at time: NIODeadline, limit: Int = .max, to sink: any OutputSink) -> Int {
        if let plainFraming {
            // Only a single message is printed without a delimiter.
            let kind = batch.entries.first(where: \.kind.isMessage)?.kind
            return framing(of: kind, plainFraming).write(batch, limit: limit, to: sink)
        }
        var output: [UInt8] = []
        var printed = 0
        let renderer = renderer(time)
        batch.bytes.withUnsafeReadableBytes { bytes in
            for entry in batch.entries where printed < limit {
                if entry.kind.isMessage {
                    if let firstNumber {
                        output += PayloadRenderer.colored(.dim, "\(firstNumber + printed) ", settings).utf8
                    }
                    printed += 1
                    let payload = UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.count])
                    append(payload, entry.kind, renderer, to: &output)
                } else if case .session = destination, settings.showsPingPong {
                    append(Self.words(entry, of: batch), at: time, to: &output)
                }
            }
        }
        if !output.isEmpty { sink.write(output) }
        return printed
    }

    /// Describes a ping or pong: `ping "are you there"`.
    static func words(_ entry: MessageBatch.Entry, of batch: MessageBatch) -> String {
        let name = entry.kind == .ping ? "ping" : "pong"
        return entry.count == 0 ? name : "\(name) \"\(VisibleText.line(batch.string(of: entry)))\""
    }

    private func framing(of kind: MessageBatch.Kind?, _ framing: Framing) -> Framing {
        let isRaw = kind == .binary && settings.binaryStyle ?? .raw == .raw && !settings.timestamps
        return omitsDelimiter && isRaw ? .stream : framing
    }

    private func renderer(_ time: NIODeadline) -> PayloadRenderer {
        let kind: PayloadRenderer.Destination =
            switch destination {
            case .pipe: .pipe
            case .terminal: .terminal
            case .session: .session
            }
        return PayloadRenderer(
            destination: kind,
            settings: settings,
            label: label,
            time: settings.timestamps ? Timestamp(time) : nil
        )
    }

    private func append(
        _ payload: UnsafeRawBufferPointer,
        _ kind: MessageBatch.Kind,
        _ renderer: PayloadRenderer,
        to output: inout [UInt8]
    ) {
        guard case .pipe(let framing) = destination else {
            return renderer.append(payload, isText: kind == .text, to: &output)
        }
        var rendered: [UInt8] = []
        renderer.append(payload, isText: kind == .text, to: &rendered)
        rendered.withUnsafeBytes { self.framing(of: kind, framing).append($0, to: &output) }
    }

    /// Appends a line that describes a ping or pong.
    private func append(_ words: String, at time: NIODeadline, to output: inout [UInt8]) {
        let stamp = settings.timestamps ? Timestamp(time).timeOfDay + " " : ""
        output += PayloadRenderer.colored(.dim, "\(stamp)\(label) \(words)", settings).utf8
        output.append(UInt8(ascii: "\n"))
    }
}
