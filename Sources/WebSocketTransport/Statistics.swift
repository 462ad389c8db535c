public import NIOCore
import Synchronization
import WebSocketProtocol

/// The traffic of a connection.
public struct Statistics: Sendable {
    /// The time when something was last received, or the connection was opened.
    public var lastReceived = NIODeadline.now()
    /// The number of messages sent.
    public var messagesSent = 0
    /// The number of messages received.
    public var messagesReceived = 0
    /// The number of payload bytes in messages sent.
    public var bytesSent = 0
    /// The number of payload bytes in messages received.
    public var bytesReceived = 0
    /// The number of payload bytes sent on the wire, after compression.
    public var wireBytesSent = 0
    /// The number of payload bytes received on the wire, before decompression.
    public var wireBytesReceived = 0

    /// Creates the statistics of a new connection.
    package init() {}
}

/// The statistics of a connection, updated on its event loop once a batch and readable from any thread.
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
