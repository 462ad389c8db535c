import Dispatch
import LineEditor
import MessageText
import NIOCore
import NIOHTTP1
import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// Prints notices and verbose output to standard error, depending on the verbosity. Errors that end a run are
/// `Failure`s.
final class Diagnostics: Sendable {
    private let level: Mutex<SessionPlan.Verbosity>
    /// Whether to show secrets in handshakes.
    private let showsSecrets: Bool
    /// The number of bytes that may be buffered; further lines are dropped and counted.
    private static let bound = 1 << 20
    private let queue = DispatchQueue(label: "diagnostics")
    private let backlog = Mutex((bytes: 0, dropped: 0))
    /// How long `flush` waits while nobody reads standard error.
    static let patience = Duration.seconds(2)
    private let printer = Mutex(Printer())
    private let wholeMessages = Mutex(PacedCount())

    /// A structure, because a closure in a generic container gets another wrapper each time it is read.
    private struct Printer {
        var print: (@Sendable (String, Color) -> Void)?
    }
    /// Whether to color lines on standard error.
    private let isColored: Bool

    init(verbosity: SessionPlan.Verbosity, showsSecrets: Bool = false, isColored: Bool = false) {
        level = Mutex(verbosity)
        self.isColored = isColored
        self.showsSecrets = showsSecrets
    }

    /// The amount of output, which `/set verbose` changes.
    var verbosity: SessionPlan.Verbosity { level.withLock { $0 } }

    /// Starts or stops printing how connections are opened.
    func setVerbose(_ isVerbose: Bool) {
        level.withLock { if isVerbose != ($0 >= .verbose) { $0 = isVerbose ? .verbose : .normal } }
    }

    /// Prints through a terminal's editor from now on; with nil, to standard error again.
    func print(through printer: (@Sendable (String, Color) -> Void)?) {
        self.printer.withLock { $0.print = printer }
    }

    /// Prints a notice, unless `--quiet` is given.
    func notice(_ text: String) {
        if verbosity >= .normal { write(text, .dim) }
    }

    /// Reports messages that are printed whole instead of the values selected from them, at most once a second.
    func notice(wholeMessages count: Int, at time: NIODeadline) {
        guard let count = wholeMessages.withLock({ $0.add(count, at: time) }) else { return }
        let messages = count == 1 ? "1 message is" : "\(count.grouped) messages are"
        notice("wsline: \(messages) too large for --select, and printed whole")
    }

    /// Prints a warning, even with `--quiet`.
    func warn(_ text: String) {
        write("wsline: " + text, .red)
    }

    /// Prints a line at any verbosity.
    func say(_ text: String) {
        write(text)
    }

    /// Prints a line with `--verbose`.
    func verbose(_ text: String) {
        if verbosity >= .verbose { write(text) }
    }

    /// Prints a step of opening a connection.
    func verbose(_ event: ConnectEvent) {
        guard verbosity >= .verbose else { return }
        switch event {
        case .resolved(let name, let addresses, let time):
            let list = addresses.compactMap(\.ipAddress).joined(separator: ", ")
            write("* \(name) is \(list), looked up in \(time.inMilliseconds)")
        case .trying(let address): write("* trying \(address.words)")
        case .connected(let address, let time):
            write("* connected\(address.map { " to \($0.words)" } ?? "") in \(time.inMilliseconds)")
        case .tunnelled(let proxy, let time): write("* tunnel through \(proxy) in \(time.inMilliseconds)")
        case .secured(let session, let time):
            write("* \(session.words) in \(time.inMilliseconds)")
            if let certificate = session.certificate { write(certificate) }
        case .settings(let settings):
            write("* HTTP/2 settings: \(settings.map { "\($0.name) \($0.value)" }.joined(separator: ", "))")
        case .sharing(let address):
            write("* another stream of the HTTP/2 connection\(address.map { " to \($0.words)" } ?? "")")
        case .requested(let head): write(head, mark: ">")
        case .upgraded(let time): write("* upgraded in \(time.inMilliseconds)")
        case .redirected(let response, let target):
            write(response)
            write("* redirected to \(target)")
        }
    }

    /// Prints the server's response to the opening handshake and the parameters agreed on.
    func verbose(_ handshake: Handshake) {
        guard verbosity >= .verbose else { return }
        write(handshake.response)
        if let stream = handshake.stream { write("* stream \(stream)") }
        write("* subprotocol \(handshake.subprotocol ?? "none"), extensions \(handshake.deflate?.answer ?? "none")")
    }

    /// Prints the request of a client and the response to it.
    func verbose(client number: Int, _ handshake: Handshake) {
        guard verbosity >= .verbose else { return }
        verbose(request: handshake.request, mark: "\(number)<")
        write(handshake.response, mark: "\(number)>")
        if let stream = handshake.stream { write("* stream \(stream)") }
        if let tls = handshake.tls { write("* \(tls.words)") }
    }

    /// Prints a client's request.
    func verbose(request: HTTPRequestHead, mark: String = "<") {
        guard verbosity >= .verbose else { return }
        write(request, mark: mark)
    }

    /// Prints a server's response.
    func verbose(response: HTTPResponseHead) {
        if verbosity >= .verbose { write(response) }
    }

    /// Prints the header of a frame, with the numbers of the client of `serve` and of the stream of HTTP/2.
    func frame(_ direction: FrameDirection, _ header: FrameHeader, client: Int? = nil, stream: Int?) {
        var parts = stream.map { ["stream \($0)"] } ?? []
        parts.append("\(header.opcode)")
        if !header.isFinal { parts.append("not final") }
        if header.reservedBits & FrameHeader.rsv1 != 0 { parts.append("compressed") }
        if header.maskingKey != nil { parts.append("masked") }
        parts.append("\(header.payloadLength) byte\(header.payloadLength == 1 ? "" : "s")")
        let mark = client.map(String.init) ?? ""
        write("\(mark)\(direction == .sent ? ">" : "<") frame: \(parts.joined(separator: ", "))")
    }

    /// Prints a request; one of HTTP/2 consists of headers only.
    private func write(_ request: HTTPRequestHead, mark: String) {
        if request.version.major < 2 {
            write("\(mark) \(request.method.rawValue) \(shown(request.uri)) \(request.version.words)")
        }
        write(request.headers, mark: mark)
    }

    private func write(_ response: HTTPResponseHead, mark: String = "<") {
        write("\(mark) \(response.version.words) \(response.status.code) \(response.status.reasonPhrase)")
        write(response.headers, mark: mark)
    }

    private func write(_ certificate: Certificate) {
        let from = Certificate.day(of: certificate.notBefore)
        let to = Certificate.day(of: certificate.notAfter)
        write("*   certificate of \(certificate.subject), valid from \(from) to \(to)")
        write("*   issued by \(certificate.issuer)")
        if !certificate.names.isEmpty { write("*   for \(certificate.names.joined(separator: ", "))") }
    }

    private func write(_ headers: HTTPHeaders, mark: String) {
        for (name, value) in headers {
            write("\(mark) \(name): \(showsSecrets ? value : Redaction.headerValue(value, of: name))")
        }
    }

    private func shown(_ target: String) -> String {
        showsSecrets ? target : Redaction.withoutSecretParameters(target)
    }

    /// Writes on a separate queue, so that nothing else waits for a reader of standard error that has stopped.
    private func write(_ text: String, _ color: Color? = nil) {
        let text = VisibleText.line(text)
        if let print = printer.withLock({ $0.print }) {
            print(text, color ?? .dim)
            return copy(text)
        }
        enqueue((isColored ? color?.applied(to: text) ?? text : text) + "\n")
    }

    /// Copies a line shown by the terminal's editor to standard error, unless that is a terminal.
    func copy(_ text: String) {
        if !StandardStreams.isTerminal(2) { enqueue(VisibleText.line(text) + "\n") }
    }

    private func enqueue(_ line: String) {
        let size = line.utf8.count
        let fits = backlog.withLock { backlog in
            guard backlog.bytes + size <= Self.bound else {
                backlog.dropped += 1
                return false
            }
            backlog.bytes += size
            return true
        }
        guard fits else { return }
        queue.async { [self] in
            StandardStreams.writeError(line)
            let dropped = backlog.withLock { backlog in
                guard backlog.bytes == size else { return 0 }
                defer { backlog.dropped = 0 }
                return backlog.dropped
            }
            if dropped > 0 {
                StandardStreams.writeError(
                    "wsline: \(dropped) lines not shown: standard error was not read in time\n"
                )
            }
            backlog.withLock { $0.bytes -= size }
        }
    }

    /// Returns once everything has been written or the reader of standard error has stopped.
    func flush() async {
        var (left, lastProgress) = (Int.max, ContinuousClock.now)
        while case let waiting = backlog.withLock({ $0.bytes }), waiting > 0 {
            if waiting < left {
                (left, lastProgress) = (waiting, .now)
            } else if .now - lastProgress > Self.patience {
                return
            }
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
}

extension SocketAddress {
    /// The address and port, or the path of a Unix-domain socket.
    var words: String {
        guard let ipAddress else { return pathname ?? "\(self)" }
        return "\(ipAddress), port \(port ?? 0)"
    }
}

extension HTTPVersion {
    /// The name of the version: "HTTP/1.1" or "HTTP/2".
    var words: String { "HTTP/\(major)" + (major < 2 ? ".\(minor)" : "") }
}

extension TLSSession {
    /// The version and cipher suite.
    var words: String { version + (cipher.map { ", \($0)" } ?? "") }
}
