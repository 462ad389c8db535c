import Dispatch
import NIOCore
import SystemPackage

/// A file, terminal or socket that a background thread writes to with blocking calls.
final class ThreadSink: OutputSink {
    /// The number of buffered bytes above which the sink is not writable.
    private static let bound = 1 << 20

    weak var observer: (any SinkObserver)?
    private let descriptor: FileDescriptor
    private let action: String
    private let loop: any EventLoop
    private let queue = DispatchQueue(label: "output")
    private var waiting = 0

    /// Creates a sink.
    ///
    /// - Parameters:
    ///   - descriptor: the descriptor to write to.
    ///   - action: the action that an error names, such as "writing to standard output".
    ///   - loop: the event loop that the sink is confined to.
    init(_ descriptor: FileDescriptor, _ action: String, _ loop: any EventLoop) {
        (self.descriptor, self.action, self.loop) = (descriptor, action, loop)
    }

    var isWritable: Bool { waiting <= Self.bound }

    func write(_ bytes: ByteBuffer) {
        waiting += bytes.readableBytes
        let sink = NIOLoopBound(self, eventLoop: loop)
        queue.async { [descriptor, action, loop] in
            let result = bytes.withUnsafeReadableBytes { bytes in
                Result { () throws(SystemCallError) in
                    try StandardStreams.write(bytes, to: descriptor.rawValue, action)
                }
            }
            loop.execute { sink.value.wrote(bytes.readableBytes, result) }
        }
    }

    func flush(_ done: @escaping () -> Void) {
        let done = NIOLoopBound(done, eventLoop: loop)
        queue.async { [loop] in loop.execute { done.value() } }
    }

    /// Closes the descriptor after everything has been written.
    func close() {
        queue.async { [descriptor] in try? descriptor.close() }
    }

    private func wrote(_ count: Int, _ result: Result<Void, SystemCallError>) {
        let wasWritable = isWritable
        waiting -= count
        if case .failure(let error) = result { observer?.sinkFailed(error) }
        if isWritable, !wasWritable { observer?.sinkBecameWritable() }
    }
}
