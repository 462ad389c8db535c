/// The maximum size of a peer's messages and frames; larger ones are answered with 1009.
public struct Limits: Sendable {
    /// The maximum size of a message, in bytes over all its fragments. The receiver may need that much memory.
    public var messageSize: Int
    /// The maximum payload of a frame, in bytes. It is checked when the header arrives, before any payload is stored.
    public var frameSize: Int

    /// The payload bytes at which a batch is handed over before more of what came is looked at: a few bytes can
    /// decompress to many messages.
    static let batchSize = 1 << 20

    /// The default for `messageSize`, 64 MiB.
    public static let defaultMessageSize = 64 << 20

    /// The longest frame of a compressed message: data that does not compress grows by a few bytes in each block.
    var compressedFrameSize: Int {
        let (size, overflow) = frameSize.addingReportingOverflow(frameSize >> 8 + 64)
        return overflow ? .max : size
    }

    /// Creates limits.
    ///
    /// - Parameters:
    ///   - messageSize: bytes a message may have; 64 MiB unless given.
    ///   - frameSize: bytes a frame may have; as many as a message unless given.
    public init(messageSize: Int = Limits.defaultMessageSize, frameSize: Int? = nil) {
        self.messageSize = messageSize
        self.frameSize = frameSize ?? messageSize
    }
}
