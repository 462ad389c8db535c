import Synchronization

/// Requests of other threads to the editor, queued until it next looks: text to print, a new prompt, the end.
///
/// Nothing else is shared between the editor's queue and other threads.
final class Outbox: Sendable {
    /// A request other than printing.
    enum Request: Sendable {
        /// The prompt from now on.
        case prompt(String)
        /// Returns the text before the prompt of a line when it is entered; nil for none.
        case entryPrefix((@Sendable () -> String)?)
        /// The terminal for as long as this runs. Gets the text being edited, and returns the text to edit from now on; nil
        /// for no change.
        case lend(@Sendable (String) -> String?, CheckedContinuation<Void, Never>)
        /// Erase the line, and call this once that is done.
        case hide(@Sendable () -> Void)
        /// Show the line again.
        case show
    }

    /// The work that the editor takes at a time.
    struct Work {
        /// Whole lines to print.
        var text: [UInt8] = []
        /// Other requests, in order.
        var requests: [Request] = []
        /// Whether more text is waiting.
        var hasMore = false
        /// Whether to give the terminal back once all text is printed.
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
        /// At most this many of the bytes in `text` are notices.
        var noticeBytes = 0
        /// Notices dropped since `noticeBytes` reached its bound.
        var droppedLines = 0
        var waitingForRoom: [@Sendable () -> Void] = []
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private enum Phase { case open, closing, closed }

    private let state = Mutex(State())
    private let wakeUp: WakeUp
    private let bound: Int
    private let noticeBound: Int
    /// The bound while the user has paused the display: the connection should continue.
    private static let pausedBound = 64 << 20

    /// Creates an outbox without text or requests.
    ///
    /// - Parameters:
    ///   - wakeUp: the pipe that wakes the editor.
    ///   - bound: with more bytes than this waiting, printers have to wait.
    ///   - noticeBound: with more bytes of notices than this waiting, further notices are dropped and counted.
    init(wakeUp: WakeUp, bound: Int, noticeBound: Int = 1024 * 1024) {
        self.wakeUp = wakeUp
        self.bound = bound
        self.noticeBound = noticeBound
    }

    /// Adds lines without waiting; drops them when too many such notices are waiting already.
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

    /// Adds lines to print; returns whether there is room for more. If not, calls `whenRoom` once there is.
    ///
    /// After the end, text is dropped and there is always room.
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

    /// Adds a request that needs no answer.
    func request(_ request: Request) {
        state.withLock { state in
            guard state.phase == .open else { return }
            state.requests.append(request)
            signal(&state)
        }
    }

    /// Hides the line and calls `done`; at once after the end.
    func hide(_ done: @Sendable @escaping () -> Void) {
        let isOpen = state.withLock { state in
            guard state.phase == .open else { return false }
            state.requests.append(.hide(done))
            signal(&state)
            return true
        }
        if !isOpen { done() }
    }

    /// Lends the terminal to `body`, which runs on the editor's queue; returns when that has ended, or at once after the
    /// end.
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

    /// Asks the editor to end, without waiting for it.
    func requestClose() {
        state.withLock { beginClosing(&$0) }
    }

    /// Asks the editor to end; returns when it has.
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

    /// Wakes the editor, once until it looks.
    private func signal(_ state: inout State) {
        guard !state.isSignalled else { return }
        state.isSignalled = true
        wakeUp.post()
    }
}

// MARK: - The editor's side

extension Outbox {
    /// Takes the queued work, with at most about `limit` bytes of text (but at least one line).
    func take(upTo limit: Int) -> Work {
        var resumed: [@Sendable () -> Void] = []
        let work = state.withLock { state in
            state.isSignalled = false
            var work = Work(requests: state.requests, isClosing: state.phase != .open)
            state.requests = []
            if limit > 0 { work.text = takeText(from: &state, upTo: limit) }
            state.noticeBytes = min(state.noticeBytes, state.text.count - state.taken)
            if state.droppedLines > 0 && state.noticeBytes < noticeBound {
                append(Array("… \(grouped(state.droppedLines)) lines not shown".utf8), to: &state)
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

    /// Notes that the user has paused or resumed the display.
    func setPaused(_ isPaused: Bool) {
        state.withLock { $0.isPaused = isPaused }
    }

    /// Whether the editor has been asked to end.
    var isClosing: Bool { state.withLock { $0.phase != .open } }

    /// Resumes all waiting callers after the terminal has been given back.
    func finish() {
        let (waiting, resumed) = state.withLock { state in
            state.phase = .closed
            var waiting = state.closers
            for case .lend(_, let lender) in state.requests { waiting.append(lender) }
            var resumed = state.waitingForRoom
            for case .hide(let done) in state.requests { resumed.append(done) }
            (state.waitingForRoom, state.closers, state.requests, state.text) = ([], [], [], [])
            // Under the lock: a late signal() must not write to a descriptor that has been reused.
            wakeUp.close()
            return (waiting, resumed)
        }
        for continuation in waiting { continuation.resume() }
        for resume in resumed { resume() }
    }
}

private let newline = UInt8(ascii: "\n")

/// A number with commas between groups of three digits.
private func grouped(_ number: Int) -> String {
    var text = String(number)
    for place in stride(from: text.count - 3, to: 0, by: -3) {
        text.insert(",", at: text.index(text.startIndex, offsetBy: place))
    }
    return text
}
