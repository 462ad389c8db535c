import CEditLine

/// The terminal's modes: saved, changed, and restored in any case, even by a crash or a fatal signal.
struct RawMode: Sendable {
    private let input: Int32
    private let output: Int32
    /// Written before the modes are restored.
    private let reset: String
    /// The modes as they were.
    let before: termios

    /// Saves the modes; `reset` is the sequence that undoes what is switched on in the terminal itself.
    ///
    /// - Throws: `notATerminal`, or `inUse` when another guard is set.
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

    /// Delivers keys one by one, without echo, none of them as a signal: Ctrl-C keeps its place among the other keys.
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

    /// Delivers whole lines without echo. Ctrl-C is a signal; Ctrl-Z is not, since the shell would have no echo either.
    func silence() {
        var modes = before
        modes.c_iflag |= tcflag_t(ICRNL | IUTF8)
        modes.c_lflag |= tcflag_t(ICANON | ISIG)
        modes.c_lflag &= ~tcflag_t(ECHO | ECHONL)
        setElement(&modes.c_cc, VSUSP, terminal_disabled_character())
        terminal_guard_arm(true, reset)
        set(&modes)
    }

    /// Restores the modes.
    func leave() {
        var modes = before
        terminal_guard_arm(false, nil)
        set(&modes)
    }

    /// Ends the guard of the terminal.
    func release() {
        terminal_unguard()
    }

    /// Whether the terminal is this process group's to use. It is not after `bg`.
    var isInForeground: Bool {
        let group = tcgetpgrp(input)
        // Without a controlling terminal there is no background either.
        return group == getpgrp() || group == -1
    }

    /// Stops this process group as the kernel stops a background process that sets modes; returns when it continues, or
    /// after 100 ms in an orphaned process group, which cannot be stopped.
    func stopUnlessInForeground() {
        // By the kernel and not by a signal of our own, which might arrive after the shell has brought us forward.
        if terminal_stop_in_background(input) != 0 { terminal_poll(nil, 0, 100) }
    }

    private func set(_ modes: inout termios) {
        // Not TCSAFLUSH, which would discard what the user has typed ahead.
        terminal_set_modes(input, TCSADRAIN, &modes)
    }
}

extension RawMode {
    /// The control character at this index of `c_cc`, or nil when it is disabled.
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
