import LineEditor
import NIOCore

/// A sink that prints above the line being typed at a terminal.
final class TerminalSink: OutputSink {
    weak var observer: (any SinkObserver)?
    private(set) var isWritable = true
    private let terminal: Terminal
    private let loop: any EventLoop

    init(_ terminal: Terminal, _ loop: any EventLoop) {
        (self.terminal, self.loop) = (terminal, loop)
    }

    func write(_ bytes: ByteBuffer) {
        let sink = NIOLoopBound(self, eventLoop: loop)
        let hasRoom = terminal.print(Array(bytes.readableBytesView)) { [loop] in loop.execute { sink.value.gotRoom() } }
        if !hasRoom { isWritable = false }
    }

    /// Calls `done` at once, because the terminal prints everything before it shuts down.
    func flush(_ done: @escaping () -> Void) {
        done()
    }

    private func gotRoom() {
        isWritable = true
        observer?.sinkBecameWritable()
    }
}
