public import NIOCore
public import WebSocketProtocol

/// A batch of what a connection has received.
public struct Inbound: Sendable {
    /// The messages, pings and pongs, in order.
    public var batch: MessageBatch
    /// The time at which they were received.
    public var time: NIODeadline
    /// How the connection ended; with the last batch only.
    public var outcome: CloseOutcome?
}

/// How a connection ended.
public enum CloseOutcome: Sendable {
    /// With Close frames both ways: the peer's, and ours when it was the first.
    case closed(CloseFrame, answering: CloseFrame?)
    /// The peer broke the protocol.
    case violation(ProtocolError)
    /// Without a Close frame from the peer: what the system said, nil when the peer just ended it, and whether our Close
    /// frame was waiting for its answer.
    case lost(reason: String?, whileClosing: Bool)
    /// The peer did not answer our Close frame within this time.
    case closeTimedOut(after: TimeAmount)
}
