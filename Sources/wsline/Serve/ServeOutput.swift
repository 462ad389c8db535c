import NIOCore

/// Prints and records the messages of clients. A client's next messages are read once the output has room. Confined to
/// its event loop.
final class ServeOutput: SinkObserver {
    /// The destination of messages.
    var sink: any OutputSink {
        didSet {
            sink.observer = self
            sinkBecameWritable()
        }
    }
    /// The recording, which must have room too; nil if there can be none.
    var log: EventLog? { didSet { log?.observer = self } }
    private let loop: any EventLoop
    private var waiting: [EventLoopPromise<Void>] = []
    private var failure: SystemCallError?

    init(_ sink: any OutputSink, on loop: any EventLoop) {
        (self.sink, self.loop) = (sink, loop)
        sink.observer = self
    }

    /// Prints messages from a client.
    ///
    /// - Returns: a future that succeeds when the output accepts more, and fails with `SystemCallError`.
    func print(_ part: MessageView.Part, at time: NIODeadline, _ presenter: Presenter) -> EventLoopFuture<Void> {
        presenter.print(part.displayed, dimmed: part.unselected, positions: part.positions, at: time, to: sink)
        return room()
    }

    /// Returns a future that succeeds when the output accepts more, and fails with `SystemCallError`.
    func room() -> EventLoopFuture<Void> {
        if let failure { return loop.makeFailedFuture(failure) }
        guard !isWritable else { return loop.makeSucceededVoidFuture() }
        let promise = loop.makePromise(of: Void.self)
        waiting.append(promise)
        return promise.futureResult
    }

    /// Returns a future that succeeds when everything has been written.
    func flush() -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        sink.flush { [log] in
            if let log { log.flush { promise.succeed() } } else { promise.succeed() }
        }
        return promise.futureResult
    }

    private var isWritable: Bool { sink.isWritable && log?.isWritable != false }

    func sinkBecameWritable() {
        guard isWritable else { return }
        for promise in waiting { promise.succeed() }
        waiting = []
    }

    func sinkFailed(_ error: SystemCallError) {
        failure = failure ?? error
        for promise in waiting { promise.fail(error) }
        waiting = []
    }
}
