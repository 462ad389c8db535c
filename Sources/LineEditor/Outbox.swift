import Synchronization

/// A queue of requests from other threads to the editor, such as text to print or a new prompt.
///
/// It is the only state that the editor's queue shares with other threads.
final class Outbox: Sendable {
    /// A request other than to print text.
    enum Request: Sendable {
        /// Set the prompt.
        case prompt(String)
        /// Set the closure that returns the text before the prompt of an entered line; nil for no text.
        case entryPrefix((@Sendable () -> String)?)
        /// Set the closure that returns a warning about an entered line; nil for no check.
        case lineCheck((@Sendable (String) -> String?)?)
        /// Write a control sequence that does not move the cursor.
        case control(String)
        /// Put a text on the line, for editing.
        case recall(String)
        /// Lend the terminal to the closure. It receives the line being edited and returns the text to replace it with,
        /// or nil for no change.
        case lend(@Sendable (String) -> String?, CheckedContinuation<Void, Never>)
        /// Hide the line, then call the closure.
        case hide(@Sendable () -> Void)
        /// Show the line again.
        case show
    }

    /// A portion of work for the editor.
    struct Work {
        /// The lines to print.
        var text: [UInt8] = []
        /// The other requests, in order.
        var requests: [Request] = []
        /// Whether more text is waiting.
        var hasMore = false
        /// Whether to release the terminal once all text is printed.
        var isClosing = false
    }

    private struct State {
        var text: [UInt8] = []
        /// The number of bytes of `text` that have been taken.
        var taken = 0
        var requests: [Request] = []
        var isPaused = false
        var phase = Phase.open
        var isSignalled = false
        /// An upper bound of the bytes in `text` that are notices.
        var noticeBytes = 0
        /// The number of notices dropped since `noticeBytes` reached its limit.
        var droppedLines = 0
        var waitingForRoom: [@Sendable () -> Void] = []
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private enum Phase { case open, closing, closed }

    private let state = Mutex(State())
    private let wakeUp: WakeUp
    private let bound: Int
    private let noticeBound: Int
    /// The limit while the user has paused the display, so that the connection can continue.
    private static let pausedBound = 64 << 20

    /// Creates an empty outbox.
    ///
    /// - Parameters:
    ///   - wakeUp: the pipe that wakes the editor.
    ///   - bound: the number of waiting bytes above which callers that print must wait.
    ///   - noticeBound: the number of waiting bytes of notices above which further notices are dropped and counted.
    init(wakeUp: WakeUp, bound: Int, noticeBound: Int = 1024 * 1024) {
        self.wakeUp = wakeUp
        self.bound = bound
        self.noticeBound = noticeBound
    }

    /// Adds a notice without waiting, or drops it when too many are waiting.
    func addNotice(_ text: [UInt8]) {
        guard !text.isEmpty else { return }
        state.withLock { state in
            guard state.phase == .open else { return }
            let isWithinBound = state.noticeBytes == 0 || state.noticeBytes + text.count <= noticeBound
            guard state.droppedLines == 0 && isWithinBound else {
                state.droppedLines += text.count { $0 == newline } + (text.last == newline ? 0 : 1)
                return
            }
            state.noticeBytes += text.count + 1
            append(text, to: &state)
        }
    }

    /// Adds lines to print. Returns whether there is room for more; if not, calls `whenRoom` once there is.
    ///
    /// After the outbox is closed, text is dropped and there is always room.
    func print(_ text: [UInt8], whenRoom: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if !text.isEmpty && state.phase == .open { append(text, to: &state) }
            guard state.phase != .closed, holdsTooMuch(state) else { return true }
            state.waitingForRoom.append(whenRoom)
            return false
        }
    }

    private func append(_ text: [UInt8], to state: inout State) {
        state.text += text
        if text.last != newline { state.text.append(newline) }
        signal(&state)
    }

    private func holdsTooMuch(_ state: borrowing State) -> Bool {
        state.text.count - state.taken > (state.isPaused ? Self.pausedBound : bound)
    }

    /// Adds a request that needs no response.
    func request(_ request: Request) {
        state.withLock { state in
            guard state.phase == .open else { return }
            state.requests.append(request)
            signal(&state)
        }
    }

    /// Hides the line and calls `done`, immediately if the outbox is closed.
    func hide(_ done: @Sendable @escaping () -> Void) {
        let isOpen = state.withLock { state in
            guard state.phase == .open else { return false }
            state.requests.append(.hide(done))
            signal(&state)
            return true
        }
        if !isOpen { done() }
    }

    /// Lends the terminal to `body`, which runs on the editor's queue. Returns when `body` has returned, or immediately
    /// if the outbox is closed.
    func lend(_ body: @Sendable @escaping (String) -> String?) async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                guard state.phase == .open else { return false }
                state.requests.append(.lend(body, continuation))
                signal(&state)
                return true
            }
            if !isOpen { continuation.resume() }
        }
    }

    /// Asks the editor to end without waiting for it.
    func requestClose() {
        state.withLock { beginClosing(&$0) }
    }

    /// Asks the editor to end and waits for it.
    func close() async {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if state.phase == .closed { return true }
                beginClosing(&state)
                state.closers.append(continuation)
                return false
            }
            if isClosed { continuation.resume() }
        }
    }

    private func beginClosing(_ state: inout State) {
        guard state.phase == .open else { return }
        state.phase = .closing
        signal(&state)
    }

    /// Wakes the editor, once until it takes work.
    private func signal(_ state: inout State) {
        guard !state.isSignalled else { return }
        state.isSignalled = true
        wakeUp.post()
    }
}

// MARK: - The editor

extension Outbox {
    /// Takes waiting work, with at least one line and at most about `limit` bytes of text.
    func take(upTo limit: Int) -> Work {
        var resumed: [@Sendable () -> Void] = []
        let work = state.withLock { state in
            state.isSignalled = false
            var work = Work(requests: state.requests, isClosing: state.phase != .open)
            state.requests = []
            if limit > 0 { work.text = takeText(from: &state, upTo: limit) }
            state.noticeBytes = min(state.noticeBytes, state.text.count - state.taken)
            if state.droppedLines > 0 && state.noticeBytes < noticeBound {
                append(Array("… \(state.droppedLines.grouped) lines not shown".utf8), to: &state)
                state.droppedLines = 0
            }
            work.hasMore = !state.text.isEmpty
            if !holdsTooMuch(state) { swap(&resumed, &state.waitingForRoom) }
            return work
        }
        for resume in resumed { resume() }
        return work
    }

    private func takeText(from state: inout State, upTo limit: Int) -> [UInt8] {
        var text: [UInt8] = []
        if state.taken == 0 && state.text.count <= limit {
            swap(&text, &state.text)
            return text
        }
        let rest = state.text[state.taken...]
        let last = rest.prefix(limit).lastIndex(of: newline) ?? rest.dropFirst(limit).firstIndex(of: newline)
        let end = last.map { $0 + 1 } ?? state.text.count
        text = Array(state.text[state.taken..<end])
        state.taken = end
        // Moving the rest to the front each time would take quadratic time.
        if state.taken * 2 > state.text.count {
            state.text.removeFirst(state.taken)
            state.taken = 0
        }
        return text
    }

    /// Records that the user has paused or resumed the display.
    func setPaused(_ isPaused: Bool) {
        state.withLock { $0.isPaused = isPaused }
    }

    /// Whether the editor has been asked to end.
    var isClosing: Bool { state.withLock { $0.phase != .open } }

    /// Resumes all waiting callers after the terminal has been released.
    func finish() {
        let (waiting, resumed) = state.withLock { state in
            state.phase = .closed
            var waiting = state.closers
            for case .lend(_, let lender) in state.requests { waiting.append(lender) }
            var resumed = state.waitingForRoom
            for case .hide(let done) in state.requests { resumed.append(done) }
            (state.waitingForRoom, state.closers, state.requests, state.text) = ([], [], [], [])
            // Do this under the lock: a late `signal` must not write to a descriptor that has been reused.
            wakeUp.close()
            return (waiting, resumed)
        }
        for continuation in waiting { continuation.resume() }
        for resume in resumed { resume() }
    }
}

private let newline = UInt8(ascii: "\n")
