public import NIOCore
public import WebSocketProtocol

/// A batch that a connection received.
public struct Inbound: Sendable {
    /// The messages, pings and pongs, in order.
    public var batch: MessageBatch
    /// The time when they were received.
    public var time: NIODeadline
    /// The outcome of the connection; only in the last batch.
    public var outcome: CloseOutcome?
}

/// The way in which a connection ended.
public enum CloseOutcome: Sendable {
    /// Both sides sent a Close frame: the peer's, and this side's if it was the first to close.
    case closed(CloseFrame, answering: CloseFrame?)
    /// The peer violated the protocol.
    case violation(ProtocolError)
    /// The connection ended without a Close frame from the peer. The reason is the system's error, or nil if the peer
    /// closed the transport; `whileClosing` is whether this side had sent a Close frame.
    case lost(reason: String?, whileClosing: Bool)
    /// The peer did not respond to the Close frame within this time.
    case closeTimedOut(after: TimeAmount)
}
