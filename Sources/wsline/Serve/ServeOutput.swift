import NIOCore
import WebSocketTransport

/// Where `serve` prints what its clients send; a client is read on when its messages have gone. Confined to its event loop.
final class ServeOutput: SinkObserver {
    private let sink: any OutputSink
    private let loop: any EventLoop
    private var waiting: [EventLoopPromise<Void>] = []
    private var failure: SystemCallError?

    init(_ sink: any OutputSink, on loop: any EventLoop) {
        (self.sink, self.loop) = (sink, loop)
        sink.observer = self
    }

    /// Prints what a client has sent.
    ///
    /// - Returns: succeeds when there is room for more, and fails with `SystemCallError`.
    func print(_ inbound: Inbound, _ presenter: Presenter) -> EventLoopFuture<Void> {
        _ = presenter.print(inbound.batch, at: inbound.time, to: sink)
        if let failure { return loop.makeFailedFuture(failure) }
        guard !sink.isWritable else { return loop.makeSucceededVoidFuture() }
        let promise = loop.makePromise(of: Void.self)
        waiting.append(promise)
        return promise.futureResult
    }

    /// Succeeds when everything has been written.
    func flush() -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        sink.flush { promise.succeed() }
        return promise.futureResult
    }

    func sinkBecameWritable() {
        for promise in waiting { promise.succeed() }
        waiting = []
    }

    func sinkFailed(_ error: SystemCallError) {
        failure = failure ?? error
        for promise in waiting { promise.fail(error) }
        waiting = []
    }
}
