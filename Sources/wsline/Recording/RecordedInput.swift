import TestScript
import WebSocketProtocol

/// What a recorded session sent, as the input of another.
struct RecordedInput: Sendable {
    private let recording: Recording
    private let speed: Double?

    /// Creates the input.
    ///
    /// - Parameters:
    ///   - recording: the session.
    ///   - speed: what its time is divided by; nil for no time at all.
    init(_ recording: Recording, speed: Double?) {
        self.recording = recording
        self.speed = speed
    }

    /// Hands the messages, pings and pongs on, each when it is time, until the task is cancelled.
    ///
    /// - Parameter send: sends a batch; returns why that can't be.
    /// - Returns: why not all was handed on, if so.
    func read(_ send: (MessageBatch) async -> Failure?) async -> Failure? {
        let start = ContinuousClock.now
        var waiting = MessageBatch()
        for (time, event) in recording.events {
            guard let (kind, payload) = event.sent else { continue }
            guard let speed else {
                waiting.append(kind, payload)
                continue
            }
            guard (try? await Task.sleep(until: start + time / speed, clock: .continuous)) != nil else { return nil }
            if let failure = await send(MessageBatch(kind, payload)) { return failure }
        }
        return waiting.isEmpty ? nil : await send(waiting)
    }
}

extension Recording.Event {
    /// What was sent, if it was.
    fileprivate var sent: (MessageBatch.Kind, [UInt8])? {
        switch self {
        case .message(.sent, let message): (message.isText ? .text : .binary, message.bytes)
        case .ping(.sent, let data): (.ping, data)
        case .pong(.sent, let data): (.pong, data)
        case .message(.received, _), .ping(.received, _), .pong(.received, _), .close, .lost: nil
        }
    }
}
