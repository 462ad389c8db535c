import MessageText
package import NIOCore
import Synchronization
package import WebSocketProtocol
package import WebSocketTransport

/// A log of the events on a test's connections, with times, for `-v`, recordings and report files.
package final class TestTrace: Sendable {
    /// The amount of each message that a trace keeps.
    package enum Detail: Sendable {
        /// The start of each message, for reports.
        case excerpts
        /// Whole messages, for recordings.
        case messages
    }

    /// An event on a connection.
    package struct Event: Sendable {
        package enum Kind: Sendable {
            case connecting(String)
            case open(String, Handshake, ConnectionConfiguration)
            /// A message, ping or pong; its payload may be truncated, and `size` is the original size.
            case entry(isSent: Bool, MessageBatch.Kind, ByteBuffer, size: Int)
            /// A Close frame sent by the test.
            case closing(CloseFrame)
            case ended(CloseOutcome)
            case failed(String, any Error, url: String, ConnectionConfiguration)
        }

        package let time: NIODeadline
        /// The name after `@`; empty for the unnamed connection.
        package let connection: String
        package let kind: Kind
    }

    /// The recorded events of a test.
    package struct Content: Sendable {
        package fileprivate(set) var events: [Event] = []
        /// The number of events dropped because a limit was exceeded.
        package fileprivate(set) var dropped = 0
        fileprivate var size = 0
        /// The start time of the test.
        package let start: NIODeadline
    }

    private static let eventLimit = 20_000
    /// The maximum total size of all payloads, in bytes.
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
            // Copy the bytes, because a slice would keep the whole batch in memory.
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
    /// The direction of the event: `>` for sent, `<` for received, and `*` for other events.
    package var mark: String {
        switch kind {
        case .entry(isSent: true, _, _, _), .closing: ">"
        case .entry(isSent: false, _, _, _), .ended(.closed): "<"
        case .connecting, .open, .failed, .ended: "*"
        }
    }

    /// A short description of the event.
    package var words: String {
        switch kind {
        case .connecting(let url): return "connecting to \(url)"
        case .open(_, let handshake, _):
            return "open" + (handshake.stream.map { ", HTTP/2 stream \($0)" } ?? "")
                + (handshake.subprotocol.map { ", subprotocol \($0)" } ?? "")
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
        case .failed(let message, _, _, _): return message
        }
    }

    private static func controlText(_ payload: ByteBuffer) -> String {
        String(validating: payload.readableBytesView, as: UTF8.self).map(Excerpt.of)
            ?? Excerpt.of(payload.readableBytesView)
    }
}
