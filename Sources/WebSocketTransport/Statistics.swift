public import NIOCore
import Synchronization
import WebSocketProtocol

/// Counts of what a connection carried.
public struct Statistics: Sendable {
    /// When something last came from the peer; when the connection began, if nothing did.
    public var lastReceived = NIODeadline.now()
    /// Messages sent.
    public var messagesSent = 0
    /// Messages received.
    public var messagesReceived = 0
    /// Payload bytes of the messages sent.
    public var bytesSent = 0
    /// Payload bytes of the messages received.
    public var bytesReceived = 0
    /// Payload bytes sent as they stood on the wire: compressed, if they were.
    public var wireBytesSent = 0
    /// Payload bytes received as they stood on the wire.
    public var wireBytesReceived = 0
}

/// The statistics of one connection: written on its event loop once a batch, read anywhere.
final class SharedStatistics: Sendable {
    private let value = Mutex(Statistics())

    var current: Statistics { value.withLock { $0 } }

    func count(sent batch: MessageBatch, wireBytes: Int) {
        let (messages, bytes) = Self.totals(of: batch)
        value.withLock {
            $0.wireBytesSent = wireBytes
            $0.messagesSent += messages
            $0.bytesSent += bytes
        }
    }

    func count(received batch: MessageBatch, at time: NIODeadline, wireBytes: Int) {
        let (messages, bytes) = Self.totals(of: batch)
        value.withLock {
            $0.lastReceived = time
            $0.wireBytesReceived = wireBytes
            $0.messagesReceived += messages
            $0.bytesReceived += bytes
        }
    }

    private static func totals(of batch: MessageBatch) -> (messages: Int, bytes: Int) {
        batch.entries.reduce(into: (0, 0)) { totals, entry in
            guard entry.kind.isMessage else { return }
            totals.messages += 1
            totals.bytes += entry.count
        }
    }
}
