import Dispatch
import NIOCore
import SystemPackage

/// A file, terminal or socket that a thread writes in blocking calls.
final class ThreadSink: OutputSink {
    /// With more bytes than this waiting, the sink is not writable until fewer wait.
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
    ///   - descriptor: where it writes.
    ///   - action: what an error says, such as "writing to standard output".
    ///   - loop: the event loop that uses it.
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

    /// Closes the descriptor once everything has been written.
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
