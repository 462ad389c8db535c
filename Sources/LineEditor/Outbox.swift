import Synchronization

/// What other tasks want from the editor, kept until it next looks: text to print, a new prompt, the end.
///
/// The one thing that is shared between the editor's queue and everybody else.
final class Outbox: Sendable {
    /// What is wanted beside printing.
    enum Request: Sendable {
        /// The prompt from now on.
        case prompt(String)
        /// The text to edit from now on.
        case text(String)
        /// The terminal for as long as this runs.
        case lend(@Sendable () -> Void, CheckedContinuation<Void, Never>)
    }

    /// What the editor took to do now.
    struct Work {
        /// Whole lines, none of them printed before.
        var text: [UInt8] = []
        /// What else is wanted, in order.
        var requests: [Request] = []
        /// Whether more text is waiting.
        var hasMore = false
        /// Whether the terminal is to be given back once all text is printed.
        var isClosing = false
    }

    private struct State {
        var text: [UInt8] = []
        /// How much of `text` has been taken.
        var taken = 0
        var requests: [Request] = []
        var isPaused = false
        var phase = Phase.open
        var isSignalled = false
        var printers: [CheckedContinuation<Void, Never>] = []
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private enum Phase { case open, closing, closed }

    private let state = Mutex(State())
    private let wakeUp: WakeUp
    private let bound: Int
    /// What may wait while the user has stopped the display, and the connection should go on.
    private static let pausedBound = 64 << 20

    /// With more than `bound` bytes waiting, whoever prints has to wait.
    init(wakeUp: WakeUp, bound: Int) {
        self.wakeUp = wakeUp
        self.bound = bound
    }

    /// Adds lines to print. After the end, text is dropped.
    func add(_ text: [UInt8]) {
        guard !text.isEmpty else { return }
        state.withLock { state in
            guard state.phase == .open else { return }
            state.text += text
            if text.last != UInt8(ascii: "\n") { state.text.append(UInt8(ascii: "\n")) }
            signal(&state)
        }
    }

    /// Adds lines to print; returns once no more than the bound is waiting.
    func print(_ text: [UInt8]) async {
        add(text)
        await waitForRoom()
    }

    /// Returns once no more than the bound is waiting to be printed.
    func waitForRoom() async {
        guard state.withLock({ $0.phase != .closed && holdsTooMuch($0) }) else { return }
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                if state.phase == .closed || !self.holdsTooMuch(state) { return true }
                state.printers.append(continuation)
                return false
            }
            if mayGoOn { continuation.resume() }
        }
    }

    private func holdsTooMuch(_ state: borrowing State) -> Bool {
        state.text.count - state.taken > (state.isPaused ? Self.pausedBound : bound)
    }

    /// Asks for something that needs no answer.
    func request(_ request: Request) {
        state.withLock { state in
            guard state.phase == .open else { return }
            state.requests.append(request)
            signal(&state)
        }
    }

    /// Lends the terminal to `body`, which runs on the editor's queue; returns when that has ended, or at once after the
    /// end.
    func lend(_ body: @Sendable @escaping () -> Void) async {
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

    /// One byte in the pipe is enough until the editor has looked.
    private func signal(_ state: inout State) {
        guard !state.isSignalled else { return }
        state.isSignalled = true
        wakeUp.post()
    }
}

// MARK: - The editor's side

extension Outbox {
    /// Returns what there is to do, with at most about `limit` bytes of text (but at least one line).
    func take(upTo limit: Int) -> Work {
        var resumed: [CheckedContinuation<Void, Never>] = []
        let work = state.withLock { state in
            state.isSignalled = false
            var work = Work(requests: state.requests, isClosing: state.phase != .open)
            state.requests = []
            if limit > 0 { work.text = takeText(from: &state, upTo: limit) }
            work.hasMore = !state.text.isEmpty
            if !holdsTooMuch(state) { swap(&resumed, &state.printers) }
            return work
        }
        for continuation in resumed { continuation.resume() }
        return work
    }

    private func takeText(from state: inout State, upTo limit: Int) -> [UInt8] {
        var text: [UInt8] = []
        if state.taken == 0 && state.text.count <= limit {
            swap(&text, &state.text)
            return text
        }
        let rest = state.text[state.taken...]
        let newline = UInt8(ascii: "\n")
        let last = rest.prefix(limit).lastIndex(of: newline) ?? rest.dropFirst(limit).firstIndex(of: newline)
        let end = last.map { $0 + 1 } ?? state.text.count
        text = Array(state.text[state.taken..<end])
        state.taken = end
        // Moving the rest to the front each time would cost the square of it.
        if state.taken * 2 > state.text.count {
            state.text.removeFirst(state.taken)
            state.taken = 0
        }
        return text
    }

    /// Notes that the user has stopped the display, or goes on with it.
    func setPaused(_ isPaused: Bool) {
        state.withLock { $0.isPaused = isPaused }
    }

    /// Whether the editor has been asked to end.
    var isClosing: Bool { state.withLock { $0.phase != .open } }

    /// Lets everybody go on: the terminal has been given back.
    func finish() {
        let waiting = state.withLock { state in
            state.phase = .closed
            var waiting = state.printers + state.closers
            for case .lend(_, let lender) in state.requests { waiting.append(lender) }
            (state.printers, state.closers, state.requests, state.text) = ([], [], [], [])
            // Under the lock: a late signal() must not write into a descriptor that is somebody else's by now.
            wakeUp.close()
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
