import NIOCore
import TestScript
import WebSocketProtocol

/// A feed that sends the messages of a recorded session again, with the original timing.
final class RecordingFeed: MessageFeed {
    private let loop: any EventLoop
    private var rest: ArraySlice<(time: Duration, kind: MessageBatch.Kind, payload: [UInt8])>
    private let speed: Double?
    private var start = NIODeadline.now()
    private var timer: Scheduled<Void>?
    private var hasStarted = false
    private var isStopped = false

    /// Creates a feed.
    ///
    /// - Parameters:
    ///   - recording: the session.
    ///   - speed: the factor by which times are divided; nil sends everything at once.
    ///   - loop: the event loop of the session.
    init(_ recording: Recording, speed: Double?, on loop: any EventLoop) {
        rest = recording.events.compactMap { time, event in event.sent.map { (time, $0.0, $0.1) } }[...]
        (self.speed, self.loop) = (speed, loop)
    }

    func start(
        send: @escaping (MessageBatch, @escaping (Failure?) -> Void) -> Void,
        ended: @escaping (Failure?) -> Void
    ) {
        guard !hasStarted else { return }
        (start, hasStarted) = (.now(), true)
        next(send, ended)
    }

    var holdsInput: Bool { hasStarted && !rest.isEmpty }

    func settle(_ done: @escaping () -> Void) { done() }

    func stop() {
        isStopped = true
        timer?.cancel()
    }

    private func next(
        _ send: @escaping (MessageBatch, @escaping (Failure?) -> Void) -> Void,
        _ ended: @escaping (Failure?) -> Void
    ) {
        guard !isStopped else { return }
        guard let first = rest.first else { return ended(nil) }
        guard let speed else { return sendAll(send, ended) }
        let time = start + .nanoseconds(Int64(first.time / speed / .nanoseconds(1)))
        timer = loop.assumeIsolated().scheduleTask(deadline: time) { [self] in
            rest.removeFirst()
            send(MessageBatch(first.kind, first.payload)) { [self] failure in
                if let failure { ended(failure) } else { next(send, ended) }
            }
        }
    }

    private func sendAll(
        _ send: (MessageBatch, @escaping (Failure?) -> Void) -> Void,
        _ ended: @escaping (Failure?) -> Void
    ) {
        var batch = MessageBatch()
        for entry in rest { batch.append(entry.kind, entry.payload) }
        rest = []
        send(batch, ended)
    }
}

extension Recording.Event {
    /// The kind and payload of the event if it was sent by the client; nil otherwise.
    fileprivate var sent: (MessageBatch.Kind, [UInt8])? {
        switch self {
        case .message(.sent, let message): (message.isText ? .text : .binary, message.bytes)
        case .ping(.sent, let data): (.ping, data)
        case .pong(.sent, let data): (.pong, data)
        case .message(.received, _), .ping(.received, _), .pong(.received, _), .close, .lost, .violation, .refused:
            nil
        }
    }
}
