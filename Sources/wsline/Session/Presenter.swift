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
    var settings: DisplaySettings
    var direction = SessionEvent.Direction.received
    /// The text before the direction mark in a session: the number of a client of `serve`.
    var mark = ""
    /// The number of the first message received with the batch; nil to show no numbers.
    var firstNumber: Int?
    /// Whether a raw binary message is printed without a delimiter.
    var omitsDelimiter = false
    /// The time of the newest message, for timestamps that show the difference.
    var clock = MessageClock()

    private var label: String { mark + (direction == .sent ? ">" : "<") }

    /// The framing if payloads are written to a pipe unchanged; nil otherwise.
    private var plainFraming: Framing? {
        guard case .pipe(let framing) = destination, !settings.pretty, settings.timestamps == .off,
            settings.binaryStyle == nil
        else { return nil }
        return framing
    }

    /// Prints messages; in a session, also pings and pongs if the settings ask for them.
    ///
    /// - Parameters:
    ///   - batch: the messages.
    ///   - dimmed: the indexes of messages to print dim.
    ///   - positions: the positions of the messages among those received, for their numbers; nil if none is hidden.
    ///   - time: the time of arrival.
    ///   - sink: the destination.
    func print(
        _ batch: MessageBatch,
        dimmed: Set<Int> = [],
        positions: [Int]? = nil,
        at time: NIODeadline,
        to sink: any OutputSink
    ) {
        if let plainFraming {
            // Only a single message is printed without a delimiter.
            let kind = batch.entries.first(where: \.kind.isMessage)?.kind
            return framing(of: kind, plainFraming).write(batch, to: sink)
        }
        var output: [UInt8] = []
        var printed = 0
        var (first, others): (PayloadRenderer?, PayloadRenderer?)
        batch.bytes.withUnsafeReadableBytes { bytes in
            for (index, entry) in batch.entries.enumerated() {
                if entry.kind.isMessage {
                    if let firstNumber {
                        let number = firstNumber + (positions?[printed] ?? printed)
                        output += PayloadRenderer.colored(.dim, "\(number) ", settings).utf8
                    }
                    printed += 1
                    let renderer = others ?? renderer(time)
                    // The first message of a batch shows the time since the batch before, all others +0.
                    if first != nil || settings.timestamps != .delta { others = renderer }
                    first = first ?? renderer
                    let payload = UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.count])
                    if dimmed.contains(index) {
                        appendDimmed(payload, entry.kind, at: time, to: &output)
                    } else {
                        append(payload, entry.kind, renderer, to: &output)
                    }
                } else if case .session = destination, settings.showsPingPong {
                    append(Self.words(entry, of: batch), at: time, to: &output)
                }
            }
        }
        if !output.isEmpty { sink.write(output) }
    }

    /// Describes a ping or pong: `ping "are you there"`.
    static func words(_ entry: MessageBatch.Entry, of batch: MessageBatch) -> String {
        let name = entry.kind == .ping ? "ping" : "pong"
        return entry.count == 0 ? name : "\(name) \"\(VisibleText.line(batch.string(of: entry)))\""
    }

    private func framing(of kind: MessageBatch.Kind?, _ framing: Framing) -> Framing {
        let isRaw = kind == .binary && settings.binaryStyle ?? .raw == .raw && settings.timestamps == .off
        return omitsDelimiter && isRaw ? .stream : framing
    }

    private func messageTime(_ time: NIODeadline) -> MessageTime? {
        defer { clock.advance(to: time) }
        return settings.timestamps.time(time, since: clock)
    }

    private func renderer(_ time: NIODeadline, isColored: Bool = true) -> PayloadRenderer {
        let kind: PayloadRenderer.Destination =
            switch destination {
            case .pipe: .pipe
            case .terminal: .terminal
            case .session: .session
            }
        var settings = settings
        if !isColored { settings.isColored = false }
        return PayloadRenderer(destination: kind, settings: settings, label: label, time: messageTime(time))
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

    /// Appends a message for a terminal, each line of it dim.
    private func appendDimmed(
        _ payload: UnsafeRawBufferPointer,
        _ kind: MessageBatch.Kind,
        at time: NIODeadline,
        to output: inout [UInt8]
    ) {
        var rendered: [UInt8] = []
        append(payload, kind, renderer(time, isColored: false), to: &rendered)
        for line in rendered.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            output += PayloadRenderer.colored(.dim, String(decoding: line, as: UTF8.self), settings).utf8
            output.append(UInt8(ascii: "\n"))
        }
    }

    /// Appends a line that describes a ping or pong.
    private func append(_ words: String, at time: NIODeadline, to output: inout [UInt8]) {
        let stamp = settings.timestamps.time(time, since: clock).map { $0.text(inPipe: false) + " " } ?? ""
        output += PayloadRenderer.colored(.dim, "\(stamp)\(label) \(words)", settings).utf8
        output.append(UInt8(ascii: "\n"))
    }
}

extension DisplaySettings.Timestamps {
    /// Returns the time to show before a line; nil for none.
    func time(_ time: NIODeadline, since clock: MessageClock) -> MessageTime? {
        switch self {
        case .off: nil
        case .on: .clock(Timestamp(time))
        case .delta: .delta(clock.elapsed(at: time))
        }
    }
}
