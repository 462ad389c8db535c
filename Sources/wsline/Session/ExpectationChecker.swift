import Dispatch
import MessageText
import NIOCore
import Synchronization
import WebSocketProtocol

/// Checks incoming messages against the expectations on its own queue, so that a slow regular expression does not block
/// the session. Confined to its event loop.
final class ExpectationChecker {
    /// The number of bytes that may wait for their check before the session stops reading.
    private static let bound = 4 << 20

    private let loop: any EventLoop
    private let queue = DispatchQueue(label: "expectations")
    private let progress: SharedProgress
    private var waiting = 0
    private let onMet: (_ left: Int) -> Void
    private let onRoom: () -> Void

    /// Creates a checker.
    ///
    /// - Parameters:
    ///   - expectations: the expectations, in order.
    ///   - loop: the event loop that the callbacks run on.
    ///   - onMet: called with the number of unmet expectations when it has decreased.
    ///   - onRoom: called when `isFull` becomes false.
    init(
        _ expectations: [Expectation],
        on loop: any EventLoop,
        onMet: @escaping (_ left: Int) -> Void,
        onRoom: @escaping () -> Void
    ) {
        self.loop = loop
        (self.onMet, self.onRoom) = (onMet, onRoom)
        progress = SharedProgress(expectations)
    }

    /// Whether so many bytes are waiting that the session should stop reading.
    var isFull: Bool { waiting > Self.bound }

    /// Checks the messages of a batch.
    func check(_ batch: MessageBatch) {
        let size = batch.footprint
        waiting += size
        let checker = NIOLoopBound(self, eventLoop: loop)
        queue.async { [progress, loop] in
            let left = progress.take(batch)
            loop.execute { checker.value.checked(size, left) }
        }
    }

    /// Waits for pending checks, then calls `done` on the event loop with the first unmet expectation.
    ///
    /// - Parameters:
    ///   - limit: the maximum time to wait for pending checks.
    ///   - done: called when all checks have finished or the time is up.
    func finish(within limit: TimeAmount, _ done: @escaping (UnmetExpectation?) -> Void) {
        let checked = loop.makePromise(of: Void.self)
        queue.async { checked.succeed() }
        let timer = loop.assumeIsolated().scheduleTask(in: limit) { checked.succeed() }
        checked.futureResult.assumeIsolated().whenSuccess { [progress] in
            timer.cancel()
            done(progress.unmet)
        }
    }

    private func checked(_ size: Int, _ left: Int?) {
        let wasFull = isFull
        waiting -= size
        if let left { onMet(left) }
        if wasFull, !isFull { onRoom() }
    }
}

/// The progress of the expectations, shared with the queue that checks messages.
private final class SharedProgress: Sendable {
    private let progress: Mutex<ExpectationProgress>

    init(_ expectations: [Expectation]) {
        progress = Mutex(ExpectationProgress(expectations))
    }

    /// Checks messages. Returns the number of unmet expectations if it has decreased.
    func take(_ batch: MessageBatch) -> Int? {
        let before = progress.withLock { $0.left }
        for entry in batch.entries where entry.kind.isMessage {
            let message = batch.string(of: entry)
            guard let awaited = progress.withLock({ $0.begin(message) }) else { break }
            // Without the lock, so that the progress can be read during a comparison that never ends.
            let result = Result { () throws(InvalidValue) in try awaited.matches(message) }
            progress.withLock { $0.end(result) }
        }
        let left = progress.withLock { $0.left }
        return left < before ? left : nil
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
