import Synchronization
// Dispatch queues are thread-safe, which the module does not declare yet.
@preconcurrency import Dispatch

/// Runs work that may never finish, such as a regular expression with catastrophic backtracking, so that callers can
/// stop waiting for it.
package enum AbandonableWork {
    /// Runs work on another thread.
    ///
    /// - Parameters:
    ///   - limit: the maximum time to wait for the result.
    ///   - work: the work; if abandoned, it keeps running until it finishes or the process exits.
    /// - Returns: the result; nil if the time is up or the task was canceled.
    package static func run<Result: Sendable>(
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

    /// Resumes the continuation with the first of several results.
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
