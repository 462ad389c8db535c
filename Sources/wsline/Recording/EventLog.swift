import NIOCore
import SystemPackage
import MessageText
import WebSocketProtocol
import WebSocketTransport

/// The events of a session or a server, printed (`--json`) and appended to a file (`--record`). Confined to its event loop.
final class EventLog {
    private let loop: any EventLoop
    private let printsEvents: Bool
    /// Notified when the recording becomes writable again or fails.
    weak var observer: (any SinkObserver)? {
        didSet { file?.sink.observer = observer }
    }
    private var file: (sink: ThreadSink, path: String)?
    /// The events that opened the current connections, by the numbers of the clients of a server.
    private var openings: [Int?: SessionEvent] = [:]
    /// The sink for printed events; nil until it is open.
    var output: (any OutputSink)?

    /// Creates a log without a recording.
    ///
    /// - Parameters:
    ///   - printsEvents: whether to print events.
    ///   - loop: the event loop of the session.
    init(printsEvents: Bool, on loop: any EventLoop) {
        (self.printsEvents, self.loop) = (printsEvents, loop)
    }

    /// The path of the file being recorded to; nil if there is none.
    var recordingPath: String? { file?.path }

    /// Whether the file accepts more output without buffering much of it.
    var isWritable: Bool { file?.sink.isWritable ?? true }

    /// Starts appending events to a file, which only its owner can read if it is new. The first events are the openings
    /// of the current connections, so that the recording of a session can be replayed.
    ///
    /// - Throws: `Failure` when the file cannot be opened.
    func record(to path: String) throws(Failure) {
        let descriptor: FileDescriptor
        do {
            // Non-blocking, because opening a FIFO would wait for its reader.
            descriptor = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .append, .closeOnExec, .nonBlocking],
                permissions: .ownerReadWrite
            )
        } catch {
            let reason = (error as? Errno).map { SystemCallError.words(of: $0.rawValue) } ?? "\(error)"
            throw Failure(.lost, "cannot record to \"\(path)\": \(reason)")
        }
        stopRecording()
        let sink = ThreadSink(descriptor, "writing to \(path)", loop)
        sink.observer = observer
        file = (sink, path)
        var bytes: [UInt8] = []
        for (client, opening) in openings.sorted(by: { $0.key ?? 0 < $1.key ?? 0 }) {
            opening.append(time: Timestamp(.now()).rfc3339, client: client, to: &bytes)
        }
        if !bytes.isEmpty { sink.write(bytes) }
    }

    /// Stops recording and returns the path of the file, if there was one.
    @discardableResult
    func stopRecording() -> String? {
        guard let file else { return nil }
        file.sink.close()
        self.file = nil
        return file.path
    }

    /// Writes one event, of a client of a server or of the session.
    func write(_ event: SessionEvent, client: Int? = nil, at time: NIODeadline = .now()) {
        switch event {
        case .open: openings[client] = event
        case .close, .lost, .violation: openings[client] = nil
        case .refused, .entry, .error: break
        }
        guard printsEvents || file != nil else { return }
        var bytes: [UInt8] = []
        event.append(time: Timestamp(time).rfc3339, client: client, to: &bytes)
        write(bytes)
    }

    /// Writes the entries of a batch, one event each.
    ///
    /// - Parameters:
    ///   - batch: the messages and control frames to record.
    ///   - printed: the part of the batch to print; nil for all of it.
    ///   - direction: whether they were sent or received.
    ///   - client: the number of the client at a server; nil in a session, and for messages to all clients.
    ///   - time: the time of the events.
    ///   - roundTrip: returns the round-trip time of a pong.
    func write(
        _ batch: MessageBatch,
        printing printed: MessageBatch? = nil,
        _ direction: SessionEvent.Direction,
        client: Int? = nil,
        at time: NIODeadline = .now(),
        roundTrip: (MessageBatch.Entry) -> TimeAmount? = { _ in nil }
    ) {
        guard printsEvents || file != nil else { return }
        let time = Timestamp(time).rfc3339
        func lines(_ batch: MessageBatch) -> [UInt8] {
            var output: [UInt8] = []
            batch.bytes.withUnsafeReadableBytes { bytes in
                for entry in batch.entries {
                    let payload = UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.count])
                    SessionEvent.entry(direction, entry.kind, payload, roundTrip: roundTrip(entry))
                        .append(time: time, client: client, to: &output)
                }
            }
            return output
        }
        guard let printed, printed.entries.count < batch.entries.count else { return write(lines(batch)) }
        file?.sink.write(lines(batch))
        if printsEvents { print(lines(printed)) }
    }

    private func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        file?.sink.write(bytes)
        if printsEvents { print(bytes) }
    }

    private func print(_ bytes: [UInt8]) {
        if !bytes.isEmpty { output?.write(bytes) }
    }

    /// Calls `done` once the recording has been written.
    func flush(_ done: @escaping () -> Void) {
        guard let file else { return done() }
        file.sink.flush(done)
    }
}
