import CEditLine

/// The terminal's modes, which are saved, changed, and always restored, even after a crash or a fatal signal.
struct RawMode: Sendable {
    private let input: Int32
    private let output: Int32
    /// The sequence to write before the modes are restored.
    private let reset: String
    /// The original modes.
    let before: termios

    /// Saves the modes.
    ///
    /// - Parameters:
    ///   - input: the terminal that keys are read from.
    ///   - output: the terminal to write to.
    ///   - reset: the sequence that disables the terminal features enabled by the editor.
    /// - Throws: `notATerminal`, or `inUse` when another terminal is being guarded.
    init(input: Int32, output: Int32, reset: String) throws(TerminalError) {
        var modes = termios()
        guard tcgetattr(input, &modes) == 0 else { throw .notATerminal(descriptor: input) }
        guard isatty(output) == 1 else { throw .notATerminal(descriptor: output) }
        guard terminal_guard(input, output, &modes) else { throw .inUse }
        before = modes
        self.input = input
        self.output = output
        self.reset = reset
    }

    /// Delivers each key immediately, without echo or signals, so that Ctrl-C keeps its place among the other keys.
    func enter() {
        var modes = before
        modes.c_iflag &= ~tcflag_t(BRKINT | INLCR | IGNCR | ICRNL | ISTRIP | IXON)
        modes.c_oflag |= tcflag_t(OPOST | ONLCR)
        modes.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG | IEXTEN)
        setElement(&modes.c_cc, VMIN, 1)
        setElement(&modes.c_cc, VTIME, 0)
        terminal_guard_arm(true, reset)
        set(&modes)
    }

    /// Delivers whole lines without echo. Ctrl-C sends a signal, but Ctrl-Z does not, because the shell would have no
    /// echo either.
    func silence() {
        var modes = before
        modes.c_iflag |= tcflag_t(ICRNL | IUTF8)
        modes.c_lflag |= tcflag_t(ICANON | ISIG)
        modes.c_lflag &= ~tcflag_t(ECHO | ECHONL)
        setElement(&modes.c_cc, VSUSP, terminal_disabled_character())
        terminal_guard_arm(true, reset)
        set(&modes)
    }

    /// Restores the original modes.
    func leave() {
        var modes = before
        terminal_guard_arm(false, nil)
        set(&modes)
    }

    /// Stops guarding the terminal.
    func release() {
        terminal_unguard()
    }

    /// Whether this process group is in the foreground of the terminal. It is not after `bg`.
    var isInForeground: Bool {
        let group = tcgetpgrp(input)
        // Without a controlling terminal there is no background.
        return group == getpgrp() || group == -1
    }

    /// Stops this process group if it is in the background, and returns when it continues.
    ///
    /// An orphaned process group cannot be stopped; the method then returns after 100 ms.
    func stopUnlessInForeground() {
        // Let the kernel send the signal: a signal of our own might arrive after the shell has moved us to the
        // foreground.
        if terminal_stop_in_background(input) != 0 { terminal_poll(nil, 0, 100) }
    }

    private func set(_ modes: inout termios) {
        // TCSAFLUSH would discard the user's type-ahead.
        terminal_set_modes(input, TCSADRAIN, &modes)
    }
}

extension RawMode {
    /// Returns the control character at an index of `c_cc`; nil when it is disabled.
    func controlCharacter(_ index: Int32) -> UInt8? {
        var characters = before.c_cc
        let value = withUnsafeBytes(of: &characters) { $0[Int(index)] }
        return value == terminal_disabled_character() ? nil : value
    }
}

/// Swift imports `c_cc` as a tuple.
private func setElement<Characters>(_ characters: inout Characters, _ index: Int32, _ value: UInt8) {
    withUnsafeMutableBytes(of: &characters) { $0[Int(index)] = value }
}
