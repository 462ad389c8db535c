package import NIOCore

/// An event loop as the executor of tasks, which must not block.
///
/// A task that the event loop itself wakes goes on at once, within that call: waiting for the loop's next turn would be a
/// tenth of the time that a small message takes from the socket to standard output.
package final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop
    /// Whether a task is under way. What it wakes waits for the next turn, or the stack would grow.
    private let isBusy: NIOLoopBoundBox<Bool>

    /// Creates an executor that runs tasks on an event loop.
    package init(_ loop: any EventLoop) {
        self.loop = loop
        isBusy = .makeBoxSendingValue(false, eventLoop: loop)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if loop.inEventLoop, !isBusy.value {
            run(job)
        } else {
            loop.execute { self.run(job) }
        }
    }

    private func run(_ job: UnownedJob) {
        // The task may have the last reference, and end.
        let executor = Unmanaged.passRetained(self)
        defer { executor.release() }
        isBusy.value = true
        job.runSynchronously(on: asUnownedTaskExecutor())
        isBusy.value = false
    }
}
