/// The maximum size of incoming messages and frames. The endpoint rejects larger ones with close code 1009.
public struct Limits: Sendable {
    /// The maximum size of a message including all its fragments, in bytes. The receiver may need that much memory.
    public var messageSize: Int
    /// The maximum payload of a frame, in bytes. The endpoint checks it against the header, before it stores any
    /// payload.
    public var frameSize: Int

    /// The number of payload bytes after which `receive` returns a batch, because a few bytes can decompress to many
    /// messages.
    static let batchSize = 1 << 20

    /// The default of `messageSize`, 64 MiB.
    public static let defaultMessageSize = 64 << 20

    /// The maximum payload of a compressed frame, in bytes; incompressible data grows by a few bytes a block.
    var compressedFrameSize: Int {
        let (size, overflow) = frameSize.addingReportingOverflow(frameSize >> 8 + 64)
        return overflow ? .max : size
    }

    /// Creates limits.
    ///
    /// - Parameters:
    ///   - messageSize: the maximum size of a message, in bytes.
    ///   - frameSize: the maximum payload of a frame, in bytes; nil for `messageSize`.
    public init(messageSize: Int = Limits.defaultMessageSize, frameSize: Int? = nil) {
        self.messageSize = messageSize
        self.frameSize = frameSize ?? messageSize
    }
}
