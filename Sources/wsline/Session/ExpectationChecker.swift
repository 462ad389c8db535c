import Dispatch
import MessageText
import NIOCore
import Synchronization
import WebSocketProtocol

/// Checks received messages against the expectations, on a queue of its own: a regular expression may take for ever, and the
/// session goes on meanwhile. Confined to its event loop.
final class ExpectationChecker {
    /// The size of the batches in memory, in bytes, that may wait for their check before the session reads no more.
    private static let bound = 4 << 20

    private let loop: any EventLoop
    private let queue = DispatchQueue(label: "expectations")
    private let progress: SharedProgress
    private var rest: ArraySlice<Expectation>
    private var waiting = 0
    /// The newest batch that is not checked yet.
    private var newest: MessageBatch?
    private let onMet: (_ left: Int) -> Void
    private let onRoom: () -> Void

    /// Creates a checker.
    ///
    /// - Parameters:
    ///   - expectations: what messages have to meet, in order.
    ///   - loop: the event loop that the callbacks run on.
    ///   - onMet: called when messages met expectations, with how many are left.
    ///   - onRoom: called when `isFull` no longer holds.
    init(
        _ expectations: [Expectation],
        on loop: any EventLoop,
        onMet: @escaping (_ left: Int) -> Void,
        onRoom: @escaping () -> Void
    ) {
        self.loop = loop
        (self.onMet, self.onRoom) = (onMet, onRoom)
        progress = SharedProgress(expectations)
        rest = expectations[...]
    }

    /// Whether so much waits that no more should be read.
    var isFull: Bool { waiting > Self.bound }

    /// Checks the messages of a batch.
    func check(_ batch: MessageBatch) {
        let size = batch.footprint
        waiting += size
        newest = batch
        let checker = NIOLoopBound(self, eventLoop: loop)
        queue.async { [progress, loop] in
            let left = progress.take(batch)
            loop.execute { checker.value.checked(size, left) }
        }
    }

    /// Calls `done` on the event loop once all messages have been checked or the time has passed, with the expectation that
    /// none met.
    func finish(within limit: TimeAmount, _ done: @escaping (UnmetExpectation?) -> Void) {
        let result = loop.makePromise(of: UnmetExpectation?.self)
        let timer = loop.assumeIsolated().scheduleTask(in: limit) { [self] in result.succeed(abandoned) }
        queue.async { [progress] in result.succeed(progress.unmet) }
        result.futureResult.assumeIsolated().whenSuccess { unmet in
            timer.cancel()
            done(unmet)
        }
    }

    /// The expectation whose check takes too long.
    private var abandoned: UnmetExpectation? {
        let message = newest.flatMap { batch in batch.entries.last(where: \.kind.isMessage).map(batch.string) }
        return rest.first.map {
            UnmetExpectation(expectation: $0, lastMessage: message, problem: "matching it took too long")
        }
    }

    private func checked(_ size: Int, _ left: Int?) {
        let wasFull = isFull
        waiting -= size
        if waiting == 0 { newest = nil }
        if let left {
            rest = rest.suffix(left)
            onMet(left)
        }
        if wasFull, !isFull { onRoom() }
    }
}

/// The progress of the expectations, for the queue that checks.
private final class SharedProgress: Sendable {
    private let progress: Mutex<ExpectationProgress>

    init(_ expectations: [Expectation]) {
        progress = Mutex(ExpectationProgress(expectations))
    }

    /// Takes messages; returns how many expectations are left when some were met.
    func take(_ batch: MessageBatch) -> Int? {
        progress.withLock { $0.take(batch) ? $0.left : nil }
    }

    var unmet: UnmetExpectation? {
        progress.withLock { progress in
            progress.awaited.map {
                UnmetExpectation(
                    expectation: $0,
                    lastMessage: progress.lastMessage,
                    problem: progress.lastProblem?.description
                )
            }
        }
    }
}
