import MessageText
import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The events of a session on their way to standard output (`--json`) and into a file (`--record`).
///
/// Written by whoever sends and whoever receives; each event is whole, and they stand in one order.
final class EventLog: Sendable {
    private struct State {
        var file: (descriptor: Int32, path: String)?
        /// What prints instead of standard output.
        var printer: (@Sendable ([UInt8]) -> Void)?
    }

    private let printsToOutput: Bool
    private let state = Mutex(State())

    init(printsToOutput: Bool) {
        self.printsToOutput = printsToOutput
    }

    deinit {
        stopRecording()
    }

    /// The file that is being written, if any.
    var recordingPath: String? { state.withLock { $0.file?.path } }

    /// Whether events are written anywhere now.
    var isActive: Bool { printsToOutput || recordingPath != nil }

    /// Prints through a terminal's editor from now on, or on standard output again.
    func print(through printer: (@Sendable ([UInt8]) -> Void)?) {
        state.withLock { $0.printer = printer }
    }

    /// Appends the events from now on to a file, which only its owner can read if it is new.
    ///
    /// - Throws: `Failure` when the file can't be opened.
    func record(to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.lost, "cannot record to \"\(path)\": \(SystemCallError.words(of: errno))")
        }
        stopRecording()
        state.withLock { $0.file = (descriptor, path) }
    }

    /// Ends the recording; returns the file's path when there was one.
    @discardableResult
    func stopRecording() -> String? {
        state.withLock { state in
            guard let file = state.file else { return nil }
            close(file.descriptor)
            state.file = nil
            return file.path
        }
    }

    /// Writes one event.
    ///
    /// - Throws: `SystemCallError` when it could not be written.
    func write(_ event: SessionEvent, at time: NIODeadline = .now()) throws(SystemCallError) {
        try write { output, time in
            event.append(time: time, to: &output)
        } at: {
            time
        }
    }

    /// Writes the entries of a batch, one event each.
    ///
    /// - Parameters:
    ///   - batch: what was sent or received.
    ///   - direction: which of these.
    ///   - time: when.
    ///   - limit: the number of messages after which it stops.
    ///   - roundTrip: the round-trip time of a pong.
    /// - Returns: the number of messages written.
    /// - Throws: `SystemCallError` when they could not be written.
    @discardableResult
    func write(
        _ batch: MessageBatch,
        _ direction: SessionEvent.Direction,
        at time: NIODeadline = .now(),
        limit: Int = .max,
        roundTrip: (MessageBatch.Entry) -> TimeAmount? = { _ in nil }
    ) throws(SystemCallError) -> Int {
        var messages = 0
        try write { output, time in
            batch.bytes.withUnsafeReadableBytes { bytes in
                for entry in batch.entries where messages < limit {
                    let payload = UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.count])
                    SessionEvent.entry(direction, entry.kind, payload, roundTrip: roundTrip(entry))
                        .append(time: time, to: &output)
                    if entry.kind.isMessage { messages += 1 }
                }
            }
        } at: {
            time
        }
        return messages
    }

    private func write(
        _ append: (inout [UInt8], String) -> Void,
        at time: () -> NIODeadline
    ) throws(SystemCallError) {
        let result: Result<Void, SystemCallError> = state.withLock { state in
            guard printsToOutput || state.file != nil else { return .success(()) }
            var output: [UInt8] = []
            append(&output, Timestamp(time()).rfc3339)
            do throws(SystemCallError) {
                if let file = state.file {
                    try StandardStreams.write(output, to: file.descriptor, "writing to \(file.path)")
                }
                if printsToOutput {
                    if let printer = state.printer { printer(output) } else { try StandardStreams.writeOutput(output) }
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
