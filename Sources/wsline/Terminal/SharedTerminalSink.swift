import LineEditor
import NIOCore

/// Standard output as a pipe whose reader may print on the terminal at which the user types (`wsline URL | tee log`).
///
/// The line being typed is hidden before anything is written, and shown again after a short time without output.
final class SharedTerminalSink: OutputSink, SinkObserver {
    /// How long the reader has to print its input.
    private static let settlingTime = TimeAmount.milliseconds(50)

    private enum Line {
        case shown
        /// The editor has been asked to hide the line.
        case hiding
        case hidden
    }

    weak var observer: (any SinkObserver)?
    private let pipe: any OutputSink
    private let terminal: Terminal
    private let loop: any EventLoop
    private var line = Line.shown
    private var waiting: [ByteBuffer] = []
    private var flushes: [() -> Void] = []
    private var redraw: Scheduled<Void>?

    init(_ pipe: any OutputSink, _ terminal: Terminal, on loop: any EventLoop) {
        (self.pipe, self.terminal, self.loop) = (pipe, terminal, loop)
        pipe.observer = self
    }

    /// Whether the pipe is writable and no output waits for the line to be hidden.
    var isWritable: Bool { waiting.isEmpty && pipe.isWritable }

    func write(_ bytes: ByteBuffer) {
        redraw?.cancel()
        guard line != .hidden else { return send(bytes) }
        waiting.append(bytes)
        guard line == .shown else { return }
        line = .hiding
        let sink = NIOLoopBound(self, eventLoop: loop)
        terminal.hideLine { [loop] in loop.execute { sink.value.lineIsHidden() } }
    }

    func flush(_ done: @escaping () -> Void) {
        if waiting.isEmpty { pipe.flush(done) } else { flushes.append(done) }
    }

    func sinkBecameWritable() {
        if isWritable { observer?.sinkBecameWritable() }
    }

    func sinkFailed(_ error: SystemCallError) {
        observer?.sinkFailed(error)
    }

    private func lineIsHidden() {
        line = .hidden
        let (waiting, flushes) = (waiting, flushes)
        (self.waiting, self.flushes) = ([], [])
        for bytes in waiting { send(bytes) }
        for done in flushes { pipe.flush(done) }
        if isWritable { observer?.sinkBecameWritable() }
    }

    private func send(_ bytes: ByteBuffer) {
        pipe.write(bytes)
        redraw = loop.assumeIsolated().scheduleTask(in: Self.settlingTime) { [weak self] in
            guard let self else { return }
            line = .shown
            terminal.showLine()
        }
    }
}
