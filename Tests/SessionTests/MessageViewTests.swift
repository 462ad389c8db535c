import MessageText
import NIOCore
import Testing
import WebSocketProtocol
import WebSocketTransport

@testable import wsline

@Suite struct MessageViewTests {
    /// A sink that keeps what is written.
    private final class Sink: OutputSink {
        weak var observer: (any SinkObserver)?
        var text = ""
        let isWritable = true

        func write(_ bytes: ByteBuffer) { text += String(buffer: bytes) }
        func flush(_ done: @escaping () -> Void) { done() }
    }

    private static let feed = [
        #"{"type":"trade","p":1.50}"#, #"{"type":"quote","p":2}"#, "heartbeat", #"{"type":"trade","p":"x\ny"}"#,
        #"{"type":"trade"}"#,
    ]

    private static func batch(_ messages: [String]) -> MessageBatch {
        var batch = MessageBatch()
        for message in messages { batch.append(.text, message.utf8) }
        return batch
    }

    private static func settings(
        _ conditions: [String] = [],
        select path: String? = nil,
        only: Bool = false,
        isColored: Bool = false
    ) throws -> DisplaySettings {
        var settings = DisplaySettings(isColored: isColored)
        settings.filter = MessageFilter(try conditions.map { try MessageFilter.Condition(typed: $0) })
        settings.selection = try path.map { JSONSelection(try JSONPath(parsing: $0)) }
        settings.showsSelectedOnly = only
        return settings
    }

    private static func print(
        _ batch: MessageBatch,
        _ settings: DisplaySettings,
        _ destination: Presenter.Destination,
        limit: Int = .max
    ) -> (text: String, part: MessageView.Part) {
        let sink = Sink()
        var isTerminal = true
        if case .pipe = destination { isTerminal = false }
        let part = MessageView(settings, isTerminal: isTerminal).part(of: batch, limit: limit)
        Presenter(destination: destination, settings: settings)
            .print(part.displayed, dimmed: part.unselected, at: .now(), to: sink)
        return (sink.text, part)
    }

    @Test("Only messages that pass the filter are displayed, and others are counted")
    func filter() throws {
        let settings = try Self.settings([#"{"type":"trade"}"#, "!x"])
        let (text, part) = Self.print(Self.batch(Self.feed), settings, .pipe(.lines))
        #expect(text == Self.feed[0] + "\n" + Self.feed[4] + "\n")
        #expect((part.count, part.hidden) == (2, 3))
        #expect(part.received.entries.count == 5)
    }

    @Test("In a pipe, each selected value is a line, and messages without one are hidden")
    func selectInPipe() throws {
        let (text, part) = Self.print(Self.batch(Self.feed), try Self.settings(select: "$.p"), .pipe(.lines))
        #expect(text == "1.50\n2\n\"x\\ny\"\n")
        #expect((part.count, part.hidden) == (3, 2))
    }

    @Test("In a session, messages without a selected value are dim, or hidden with --select-only")
    func selectInSession() throws {
        let messages = Self.batch(Array(Self.feed[1...2]))
        let settings = try Self.settings(select: "$.p", isColored: true)
        let (text, part) = Self.print(messages, settings, .session)
        #expect(text == "\u{1B}[36m<\u{1B}[m 2\n\u{1B}[2m< heartbeat\u{1B}[m\n")
        #expect((part.count, part.hidden) == (2, 0))
        let (rest, hiding) = Self.print(messages, try Self.settings(select: "$.p", only: true), .session)
        #expect(rest == "< 2\n")
        #expect((hiding.count, hiding.hidden) == (1, 1))
    }

    @Test("A dim message of several lines is dim on each of them, and escaped")
    func dimLines() throws {
        let settings = try Self.settings(select: "$.p", isColored: true)
        let (text, _) = Self.print(Self.batch(["a\n\u{1B}[m"]), settings, .session)
        #expect(text == "\u{1B}[2m< a\u{1B}[m\n\u{1B}[2m  \\e[m\u{1B}[m\n")
    }

    @Test("A limit counts displayed messages, and later ones are neither displayed nor recorded", arguments: 0...3)
    func limit(limit: Int) throws {
        let settings = try Self.settings([#"{"type":"trade"}"#])
        let part = MessageView(settings, isTerminal: false).part(of: Self.batch(Self.feed), limit: limit)
        #expect(part.count == limit)
        #expect(part.displayed.entries.count == limit)
        #expect(part.received.entries.count == [0, 1, 4, 5][limit])
        let all = MessageView(DisplaySettings(), isTerminal: false).part(of: Self.batch(Self.feed), limit: limit)
        #expect(all.received.entries.count == limit)
        #expect(all.count == limit)
    }

    @Test("Pings and pongs are not filtered")
    func controlFrames() throws {
        var batch = MessageBatch(.ping, "a".utf8)
        batch.append(.text, "b".utf8)
        batch.append(.pong, "c".utf8)
        for path in [nil, "$.p"] {
            let settings = try Self.settings(["nothing"], select: path)
            let part = MessageView(settings, isTerminal: true).part(of: batch)
            #expect(part.displayed.entries.map(\.kind) == [.ping, .pong])
            #expect(part.hidden == 1)
        }
    }

    @Test("A message that is too large for its selection is displayed whole and counted, even with --select-only")
    func tooLarge() throws {
        let large = "[\"" + String(repeating: "a", count: 1 << 20) + "\"]"
        let messages = Self.batch(["[1]", large, "{}"])
        for destination in [.session, .pipe(.lines)] as [Presenter.Destination] {
            let (text, part) = Self.print(messages, try Self.settings(select: "$[*]", only: true), destination)
            #expect(text.contains(large.prefix(100)))
            #expect((part.count, part.hidden, part.tooLarge) == (2, 1, 1))
            #expect(part.unselected.isEmpty && part.displayed.entries.map(\.count) == [1, large.utf8.count])
        }
    }

    @Test("The number of hidden messages is announced at most once a second")
    func hiddenCount() {
        func time(_ nanoseconds: UInt64) -> NIODeadline { .uptimeNanoseconds(nanoseconds) }
        var count = PacedCount()
        #expect(count.add(0, at: time(0)) == nil)
        #expect(count.add(1204, at: time(1_000_000_000)) == 1204)
        #expect(count.add(1, at: time(1_999_999_999)) == nil)
        #expect(count.add(2, at: time(2_000_000_000)) == 3)
        #expect(count.add(0, at: time(9_000_000_000)) == nil)
        #expect(count.total == 1207)
    }

    @Test("Timestamps can show the time since the message before")
    func delta() {
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        var settings = DisplaySettings()
        settings.timestamps = .delta
        for (destination, lines) in [
            (.session, "+0.000 < a\n+0.000 < b\n+1.250 < a\n+0.000 < b\n"),
            (.pipe(.lines), "+0.000000 a\n+0.000000 b\n+1.250042 a\n+0.000000 b\n"),
        ] as [(Presenter.Destination, String)] {
            let presenter = Presenter(destination: destination, settings: settings)
            let sink = Sink()
            for time in [start, start + .microseconds(1_250_042)] {
                presenter.print(Self.batch(["a", "b"]), at: time, to: sink)
            }
            #expect(sink.text == lines)
        }
    }

    @Test("A ping shows the time since the last message, and is not a message itself")
    func deltaOfPings() {
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        var settings = DisplaySettings()
        (settings.timestamps, settings.showsPingPong) = (.delta, true)
        let presenter = Presenter(destination: .session, settings: settings)
        let sink = Sink()
        presenter.print(Self.batch(["a"]), at: start, to: sink)
        presenter.print(MessageBatch(.ping, []), at: start + .seconds(1), to: sink)
        presenter.print(Self.batch(["b"]), at: start + .seconds(3), to: sink)
        // It arrived before the last one was shown.
        presenter.print(Self.batch(["c"]), at: start + .seconds(2), to: sink)
        presenter.print(Self.batch(["d"]), at: start + .seconds(4), to: sink)
        #expect(sink.text == "+0.000 < a\n+1.000 < ping\n+3.000 < b\n+0.000 < c\n+1.000 < d\n")
    }

    @Test("Rates are measured over the last 10 seconds")
    func rates() {
        func second(_ seconds: Double) -> NIODeadline { .uptimeNanoseconds(UInt64((100 + seconds) * 1e9)) }
        var totals = Statistics()
        var meter = RateMeter(start: second(0))
        #expect(meter.rates(totals, at: second(0)) == RateMeter.Rates())
        for tenth in 1...300 {
            totals.messagesReceived += 10
            totals.bytesReceived += 1000
            meter.note(totals, at: second(Double(tenth) / 10))
        }
        let steady = meter.rates(totals, at: second(30))
        #expect(steady == RateMeter.Rates(messagesReceived: 100, bytesReceived: 10_000))
        #expect(meter.rates(totals, at: second(41)) == RateMeter.Rates())
        totals.messagesReceived += 50
        meter.note(totals, at: second(60))
        #expect(meter.rates(totals, at: second(61)).messagesReceived == 5)
    }
}
