import Dispatch
import MessageText
import NIOCore
import SystemPackage
import TestScript
import WebSocketProtocol

/// Commands that send and record files.
extension UserTerminal {
    /// Reads a file as one message; prints an error if that is not possible.
    ///
    /// - Parameters:
    ///   - file: the name of the file.
    ///   - asBinary: whether the message is binary even if the file is UTF-8.
    ///   - send: called with the message.
    func readMessage(from file: String, asBinary: Bool, _ send: @escaping (MessageBatch) -> Void) {
        onFileQueue { () throws(Failure) in
            let bytes = try MessageFile.read(file)
            let isText = !asBinary && bytes.withUnsafeBytes { UTF8Validator.firstInvalid(inText: $0) } == nil
            return MessageBatch(isText ? .text : .binary, bytes)
        } _: {
            send($0)
        }
    }

    /// Reads each line of a file as a message, at the pace at which they are sent, and prints how many were sent.
    ///
    /// - Parameters:
    ///   - file: the name of the file.
    ///   - kind: whether the messages are text or binary.
    ///   - send: sends a batch, and calls its closure when the next can be sent, or with an error.
    func readLines(
        from file: String,
        as kind: MessageBatch.Kind,
        _ send: @escaping (MessageBatch, @escaping (Failure?) -> Void) -> Void
    ) {
        onFileQueue { () throws(Failure) in
            do {
                return try FileDescriptor.open(UserPath.expand(file), .readOnly, options: .closeOnExec)
            } catch {
                let reason = SystemCallError.words(of: error as? Errno ?? .ioError)
                throw Failure(.noInput, "cannot read \"\(file)\": \(reason)")
            }
        } _: { [self] descriptor in
            var sent = 0
            let feed = InputFeed(ThreadSource(descriptor, loop), Framing.lines.makeDecoder(kind))
            feed.start { batch, done in
                send(batch) { failure in
                    if failure == nil { sent += batch.messageCount }
                    done(failure)
                }
            } ended: { [weak self] failure in
                // The feed refers to itself until here.
                feed.stop()
                try? descriptor.close()
                let lines = "\(sent) line\(sent == 1 ? "" : "s") of \(file)"
                guard let failure else { self?.say("sent \(lines)"); return }
                self?.say("sent \(lines); \(failure.message.replacing("standard input", with: "the file"))", .red)
            }
        }
    }

    /// Starts recording to a file; without a file, stops.
    func record(to file: String?, _ log: EventLog) {
        do throws(Failure) {
            if let file {
                let previous = log.recordingPath
                try log.record(to: UserPath.expand(file))
                if let previous { say("recorded to \(previous)") }
                say("recording to \(file); /record stop stops it")
            } else {
                let path = log.stopRecording()
                say(path.map { "recorded to \($0)" } ?? "not recording; /record FILE starts it")
            }
        } catch {
            say(error.message, .red)
        }
    }

    /// Reads from a file, without blocking the event loop: opening a FIFO waits for its writer.
    private func onFileQueue<Value: Sendable>(
        _ read: @escaping @Sendable () throws(Failure) -> Value,
        _ done: @escaping (Value) -> Void
    ) {
        let reader = NIOLoopBound((self, done), eventLoop: loop)
        DispatchQueue(label: "file").async { [loop] in
            let result = Result { () throws(Failure) in try read() }
            loop.execute {
                switch result {
                case .success(let value): reader.value.1(value)
                case .failure(let failure): reader.value.0.say("\(failure.message); not sent", .red)
                }
            }
        }
    }
}
