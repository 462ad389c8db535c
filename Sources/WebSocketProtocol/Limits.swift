/// How much of a peer's data an endpoint takes before it closes with 1009.
public struct Limits: Sendable {
    /// The longest message, in bytes over all its fragments. Larger costs the receiver that much memory.
    public var messageSize: Int
    /// The longest single frame, in bytes. Checked as soon as its header has come, before anything of it is kept.
    public var frameSize: Int

    /// The payload bytes at which a batch is handed over before more of what came is looked at: a few bytes can
    /// decompress to many messages.
    static let batchSize = 1 << 20

    /// What wsline takes unless told otherwise: 64 MiB.
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
