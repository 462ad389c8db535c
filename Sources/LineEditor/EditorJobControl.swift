import CEditLine

// Acquiring and releasing the terminal, which other processes of the session may use.

extension Editor {
    func takeTerminal() {
        if !mode.isInForeground { awaitForeground() }
        // In the background, setting modes would change them for the shell.
        guard !outbox.isClosing || mode.isInForeground else { return }
        mode.enter()
        screen.tell(Self.bracketedPasteOn)
    }

    /// Waits until this process group is in the foreground, or the editor is closing.
    private func awaitForeground() {
        // `kill %1` continues a stopped job so that it can exit: allow time for that before stopping again.
        let stop = ContinuousClock.now + .seconds(1)
        while !mode.isInForeground && !outbox.isClosing {
            if .now < stop { terminal_poll(nil, 0, 20) } else { mode.stopUnlessInForeground() }
        }
    }

    func giveTerminalBack() {
        guard mode.isInForeground else { return }
        screen.tell(Self.bracketedPasteOff)
        mode.leave()
    }

    func suspend() {
        screen.leave(line)
        giveTerminalBack()
        terminal_stop(SIGTSTP)
        takeTerminal()
        ownStopEndedAt = .now
    }

    /// Restores the display after SIGCONT, because another process may have used the terminal since the stop.
    func handleContinue() {
        if let ownStopEndedAt, ContinuousClock.now - ownStopEndedAt < .seconds(1) { return }
        screen.forget()
        takeTerminal()
    }
}
