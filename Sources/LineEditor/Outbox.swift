import Synchronization

/// What other tasks want from the editor, kept until it next looks: text to print, a new prompt, the end.
///
/// The one thing that is shared between the editor's queue and everybody else.
final class Outbox: Sendable {
    /// What the editor took to do now.
    struct Work {
        /// Whole lines, none of them printed before.
        var text: [UInt8] = []
        /// The prompt from now on, when it changed.
        var prompt: String?
        /// Whether more text is waiting.
        var hasMore = false
        /// Whether the terminal is to be given back once all text is printed.
        var isClosing = false
    }

    private struct State {
        var text: [UInt8] = []
        var prompt: String?
        var phase = Phase.open
        var isSignalled = false
        var printers: [CheckedContinuation<Void, Never>] = []
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private enum Phase { case open, closing, closed }

    private let state = Mutex(State())
    private let wakeUp: WakeUp
    private let bound: Int

    /// With more than `bound` bytes waiting, whoever prints has to wait.
    init(wakeUp: WakeUp, bound: Int) {
        self.wakeUp = wakeUp
        self.bound = bound
    }

    /// Adds lines to print; returns once no more than the bound is waiting. After the end, text is dropped.
    func print(_ text: [UInt8]) async {
        guard !text.isEmpty else { return }
        let isFull = state.withLock { state in
            guard state.phase == .open else { return false }
            state.text += text
            if text.last != UInt8(ascii: "\n") { state.text.append(UInt8(ascii: "\n")) }
            signal(&state)
            return state.text.count > bound
        }
        guard isFull else { return }
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                if state.phase == .closed || state.text.count <= bound { return true }
                state.printers.append(continuation)
                return false
            }
            if mayGoOn { continuation.resume() }
        }
    }

    func setPrompt(_ prompt: String) {
        state.withLock { state in
            guard state.phase == .open else { return }
            state.prompt = prompt
            signal(&state)
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
            var work = Work(prompt: state.prompt, isClosing: state.phase != .open)
            state.prompt = nil
            if state.text.count <= limit {
                swap(&work.text, &state.text)
            } else if limit > 0 {
                let newline = UInt8(ascii: "\n")
                let last = state.text[..<limit].lastIndex(of: newline) ?? state.text[limit...].firstIndex(of: newline)
                let end = last.map { $0 + 1 } ?? state.text.count
                work.text = Array(state.text[..<end])
                state.text.removeFirst(end)
            }
            work.hasMore = !state.text.isEmpty
            if state.text.count <= bound { swap(&resumed, &state.printers) }
            return work
        }
        for continuation in resumed { continuation.resume() }
        return work
    }

    /// Whether the editor has been asked to end.
    var isClosing: Bool { state.withLock { $0.phase != .open } }

    /// Lets everybody go on: the terminal has been given back.
    func finish() {
        let waiting = state.withLock { state in
            state.phase = .closed
            let waiting = state.printers + state.closers
            (state.printers, state.closers, state.text) = ([], [], [])
            // Under the lock: a late signal() must not write into a descriptor that is somebody else's by now.
            wakeUp.close()
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
