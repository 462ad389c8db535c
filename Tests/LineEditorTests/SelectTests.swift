import CEditLine
import Testing

@Suite struct SelectTests {
    /// Waits for all descriptors and returns the events of each; nil when the wait does not report their number.
    private func wait(
        _ call: (UnsafeMutablePointer<pollfd>?, Int32, Int32) -> Int32,
        _ descriptors: [(Int32, Int32)],
        _ milliseconds: Int32
    ) -> [Int32]? {
        var waiting = descriptors.map { pollfd(fd: $0, events: Int16($1), revents: -1) }
        let count = call(&waiting, Int32(waiting.count), milliseconds)
        let events = waiting.map { Int32($0.revents) }
        return count == events.count { $0 != 0 } ? events : nil
    }

    @Test func `select, used on macOS, reports the same events of pipes and terminals as poll`() throws {
        var pipe: [Int32] = [-1, -1]
        var terminal: [Int32] = [-1, -1]
        try #require(terminal_pipe(&pipe) == 0 && terminal_private(&terminal) == 0)
        defer { for descriptor in pipe + terminal { close(descriptor) } }
        let all = [(-1, POLLIN), (pipe[0], POLLIN), (pipe[1], POLLOUT), (terminal[1], POLLIN), (terminal[1], POLLOUT)]
        for call in [terminal_poll, terminal_select] {
            #expect(wait(call, all, -1) == [0, 0, POLLOUT, 0, POLLOUT])
            #expect(wait(call, [all[1], all[3]], 10) == [0, 0])
            #expect(wait(call, [], 0) == [])
        }
        #expect(write(pipe[1], "a", 1) == 1 && write(terminal[0], "a\n", 2) == 2)
        for call in [terminal_poll, terminal_select] {
            #expect(wait(call, all, -1) == [0, POLLIN, POLLOUT, POLLIN, POLLOUT])
        }
    }
}
