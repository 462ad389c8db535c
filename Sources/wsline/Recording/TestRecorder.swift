import CPOSIX
import MessageText
import NIOCore
import SystemPackage
import TestScript
import WebSocketProtocol
import WebSocketTransport

/// A type that writes a recording of each test for `replay` and `test --from` (`wsline test --record`).
struct TestRecorder {
    let folder: String

    /// Creates the folder if it does not exist.
    ///
    /// - Throws: `SystemCallError`.
    func createFolder() throws(SystemCallError) {
        guard mkdir(folder, 0o700) != 0, posix_errno() != EEXIST else { return }
        throw SystemCallError.last("creating the folder \"\(folder)\"")
    }

    /// Writes the recording of a test, with one connection after another, each with its own times.
    ///
    /// - Parameters:
    ///   - result: the result, with a trace that contains whole messages.
    ///   - number: the number of the test, which is the prefix of the file name.
    /// - Throws: `SystemCallError`.
    func write(_ result: TestSuite.Result, _ number: Int) throws(SystemCallError) {
        guard let trace = result.trace else { return }
        var output: [UInt8] = []
        var names: [String] = []
        for event in trace.events where !names.contains(event.connection) { names.append(event.connection) }
        for name in names {
            for event in trace.events where event.connection == name {
                Self.append(event, isNamed: names.count > 1, to: &output)
            }
        }
        if trace.dropped > 0 {
            let failure = Failure(.lost, "the recording is incomplete: \(trace.dropped) events are missing")
            SessionEvent.error(failure).append(time: Timestamp().rfc3339, to: &output)
        }
        try StandardStreams.write(
            output,
            toFile: "\(folder)/\(Self.fileName(result.testCase.name, number))",
            permissions: .ownerReadWrite
        )
    }

    private static func append(_ event: TestTrace.Event, isNamed: Bool, to output: inout [UInt8]) {
        let time = Timestamp(event.time).rfc3339
        let name = isNamed ? event.connection : nil
        switch event.kind {
        // A Close is recorded when the closing handshake is complete.
        case .connecting, .closing: break
        case .open(let url, let handshake, let configuration):
            let options = configuration.recordedOptions(isHTTP2: handshake.stream != nil)
            SessionEvent.open(url: url, handshake, options: options, connection: name).append(time: time, to: &output)
        case .entry(let isSent, let kind, let payload, _):
            payload.withUnsafeReadableBytes { bytes in
                SessionEvent.entry(isSent ? .sent : .received, kind, bytes, roundTrip: nil).append(
                    time: time,
                    to: &output
                )
            }
        case .ended(let outcome): SessionEvent(outcome).append(time: time, to: &output)
        case .failed(let message, let error, let url, let configuration):
            SessionEvent.refused(url: url, error, configuration, connection: name)?.append(time: time, to: &output)
            SessionEvent.error(Failure(.unavailable, message)).append(time: time, to: &output)
        }
    }

    private static let nameLength = 80

    /// Returns a file name of the zero-padded number and the test name in characters that all file systems allow.
    private static func fileName(_ name: String, _ number: Int) -> String {
        let words = name.unicodeScalars.map { $0.properties.isAlphabetic || "0"..."9" ~= $0 ? String($0) : " " }
            .joined()
        let short = words.split(separator: " ").joined(separator: "-").unicodeScalars.prefix(nameLength)
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-\(String(short)).jsonl"
    }
}
