import MessageText
package import NIOCore
import Synchronization
package import WebSocketProtocol
package import WebSocketTransport

/// The events on the connections of a test, with their times, for `-v`, recordings and reports in files.
package final class TestTrace: Sendable {
    /// How much of each message a trace keeps.
    package enum Detail: Sendable {
        /// The start of a message, as a report shows it.
        case excerpts
        /// Whole messages, as a recording needs them.
        case messages
    }

    /// An event on a connection.
    package struct Event: Sendable {
        package enum Kind: Sendable {
            case connecting(String)
            case open(String, Handshake)
            /// A message, ping or pong; its payload may be cut, `size` is that of the whole.
            case entry(isSent: Bool, MessageBatch.Kind, ByteBuffer, size: Int)
            /// A Close frame that the test has sent.
            case closing(CloseFrame)
            case ended(CloseOutcome)
            case failed(String)
        }

        package let time: NIODeadline
        /// The name behind `@`; empty for the connection without one.
        package let connection: String
        package let kind: Kind
    }

    /// The events of a test that has ended.
    package struct Content: Sendable {
        package fileprivate(set) var events: [Event] = []
        /// The number of events that are missing because there were too many.
        package fileprivate(set) var dropped = 0
        fileprivate var size = 0
        /// The time when the test began.
        package let start: NIODeadline
    }

    private static let eventLimit = 20_000
    /// The maximum size of all payloads, in bytes.
    private static let sizeLimit = 64 << 20
    private static let excerptSize = 1 << 10
    private let detail: Detail
    private let content: Mutex<Content>

    init(_ detail: Detail) {
        self.detail = detail
        content = Mutex(Content(start: .now()))
    }

    /// The events so far.
    var events: Content { content.withLock { $0 } }

    func note(_ kind: Event.Kind, on connection: String, at time: NIODeadline = .now()) {
        content.withLock { content in
            var size = 0
            if case .entry(_, _, let payload, _) = kind { size = payload.readableBytes }
            guard content.events.count < Self.eventLimit, content.size + size <= Self.sizeLimit else {
                content.dropped += 1
                return
            }
            content.size += size
            content.events.append(Event(time: time, connection: connection, kind: kind))
        }
    }

    func note(_ batch: MessageBatch, isSent: Bool, on connection: String, at time: NIODeadline = .now()) {
        for entry in batch.entries {
            let payload = batch.payload(of: entry)
            // A copy, because a slice would keep the whole batch.
            let kept =
                switch detail {
                case .excerpts: payload.readableBytesView.prefix(Self.excerptSize)
                case .messages: payload.readableBytesView
                }
            let kind = Event.Kind.entry(
                isSent: isSent,
                entry.kind,
                ByteBuffer(bytes: kept),
                size: payload.readableBytes
            )
            note(kind, on: connection, at: time)
        }
    }
}

/// The trace of one connection.
struct ConnectionTrace: Sendable {
    let trace: TestTrace
    let connection: String

    func note(_ kind: TestTrace.Event.Kind) {
        trace.note(kind, on: connection)
    }

    func note(sent batch: MessageBatch) {
        trace.note(batch, isSent: true, on: connection)
    }

    func note(_ inbound: Inbound) {
        trace.note(inbound.batch, isSent: false, on: connection, at: inbound.time)
        if let outcome = inbound.outcome { trace.note(.ended(outcome), on: connection, at: inbound.time) }
    }
}

extension TestTrace.Event {
    /// The direction of the event: `>` for sent, `<` for received, `*` for others.
    package var mark: String {
        switch kind {
        case .entry(isSent: true, _, _, _), .closing: ">"
        case .entry(isSent: false, _, _, _), .ended(.closed): "<"
        case .connecting, .open, .failed, .ended: "*"
        }
    }

    /// The event in a few words.
    package var words: String {
        switch kind {
        case .connecting(let url): return "connecting to \(url)"
        case .open(_, let handshake): return "open" + (handshake.subprotocol.map { ", subprotocol \($0)" } ?? "")
        case .entry(_, let kind, let payload, let size):
            let isWhole = payload.readableBytes == size
            let text = kind == .text ? Excerpt.of(String(buffer: payload)) : Excerpt.of(payload.readableBytesView)
            let words = isWhole ? text : "\(text) (\(size) bytes in all)"
            switch kind {
            case .text, .binary: return words
            case .ping, .pong:
                let name = kind == .ping ? "ping" : "pong"
                return payload.readableBytes == 0 ? name : "\(name) \(Self.controlText(payload))"
            }
        case .closing(let frame): return "close \(frame.words)"
        case .ended(.closed(let frame, answering: _)): return "close \(frame.words)"
        case .ended(let outcome): return outcome.fault(.script) ?? "ended"
        case .failed(let message): return message
        }
    }

    private static func controlText(_ payload: ByteBuffer) -> String {
        String(validating: payload.readableBytesView, as: UTF8.self).map(Excerpt.of)
            ?? Excerpt.of(payload.readableBytesView)
    }
}
