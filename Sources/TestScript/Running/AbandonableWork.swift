import Synchronization
// Queues may be used from any thread; the module does not say so yet.
@preconcurrency import Dispatch

/// Work that may take for ever, such as matching a regular expression that backtracks: it has a thread of its own, and
/// whoever waits for it can give up.
enum AbandonableWork {
    /// Does work.
    ///
    /// - Parameters:
    ///   - limit: how long the result is waited for.
    ///   - work: the work; when it is abandoned, its thread keeps going until it is done or the process ends.
    /// - Returns: its result; nil when the time is over, or the task is cancelled.
    static func run<Result: Sendable>(
        within limit: Duration,
        _ work: @escaping @Sendable () -> Result
    ) async -> Result? {
        let waiter = Waiter<Result>()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter.begin(continuation)
                let timer = DispatchSource.makeTimerSource()
                timer.schedule(deadline: .now() + min(limit / .seconds(1), 1e9))
                timer.setEventHandler { waiter.end(nil) }
                timer.resume()
                DispatchQueue(label: "wsline.work").async {
                    waiter.end(work())
                    timer.cancel()
                }
            }
        } onCancel: {
            waiter.end(nil)
        }
    }

    /// Resumes with whichever result comes first.
    private final class Waiter<Result: Sendable>: Sendable {
        private enum State {
            case idle
            case waiting(CheckedContinuation<Result?, Never>)
            case ended
        }

        private let state = Mutex(State.idle)

        func begin(_ continuation: CheckedContinuation<Result?, Never>) {
            let isOver = state.withLock { state in
                if case .ended = state { return true }
                state = .waiting(continuation)
                return false
            }
            if isOver { continuation.resume(returning: nil) }
        }

        func end(_ result: Result?) {
            let continuation = state.withLock { state -> CheckedContinuation<Result?, Never>? in
                defer { state = .ended }
                if case .waiting(let continuation) = state { return continuation }
                return nil
            }
            continuation?.resume(returning: result)
        }
    }
}
