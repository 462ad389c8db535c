import Synchronization
import TestScript

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A progress line at a terminal for test runs that take longer than a second.
final class TestProgress: Sendable {
    private struct State {
        var done = 0
        var failed = 0
        var isShown = false
        var hasEnded = false
    }

    private static let patience = Duration.seconds(1)
    private let count: Int
    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Starts showing progress after a second.
    ///
    /// - Parameter count: the number of tests.
    init(_ count: Int) {
        self.count = count
        guard StandardStreams.isTerminal(STDERR_FILENO) else { return }
        task.withLock { task in
            task = Task { [self] in
                let start = ContinuousClock.now
                while (try? await Task.sleep(for: Self.patience)) != nil { show(ContinuousClock.now - start) }
            }
        }
    }

    /// Updates the number of finished tests.
    func note(_ totals: TestReport.Totals) {
        state.withLock { ($0.done, $0.failed) = (totals.passed + totals.failed, totals.failed) }
    }

    /// Clears the line so that other output can take its place.
    func hide() {
        state.withLock { state in
            if state.isShown { StandardStreams.writeError("\r\u{1B}[K") }
            state.isShown = false
        }
    }

    /// Clears the line for good.
    func end() {
        task.withLock { $0?.cancel() }
        state.withLock { $0.hasEnded = true }
        hide()
    }

    private func show(_ time: Duration) {
        state.withLock { state in
            guard !state.hasEnded else { return }
            state.isShown = true
            let failed = state.failed == 0 ? "" : ", \(state.failed) failed"
            let seconds = Int(time / .seconds(1))
            StandardStreams.writeError("\r\u{1B}[K\(state.done) of \(count) done\(failed) (\(seconds) s)")
        }
    }
}
