import ProcessSupport
import Synchronization
import Testing

@testable import LineEditor

@Suite(.fewAtATime) struct OutboxTests {
    @Test func `a printer that exceeds the bound is called once there is room`() throws {
        let outbox = Outbox(wakeUp: try WakeUp(), bound: 100)
        let calls = Mutex(0)
        let whenRoom: @Sendable () -> Void = { calls.withLock { $0 += 1 } }
        #expect(outbox.print(Array(repeating: 0x61, count: 90), whenRoom: whenRoom))
        #expect(!outbox.print(Array(repeating: 0x62, count: 20), whenRoom: whenRoom))
        #expect(calls.withLock { $0 } == 0)
        #expect(outbox.take(upTo: 1000).text.count == 112)
        #expect(calls.withLock { $0 } == 1)
        #expect(!outbox.print(Array(repeating: 0x62, count: 200), whenRoom: whenRoom))
        outbox.finish()
        #expect(calls.withLock { $0 } == 2)
        #expect(outbox.print(Array(repeating: 0x62, count: 200), whenRoom: whenRoom))
    }

    @Test func `notices beyond the limit are dropped and counted`() throws {
        let outbox = Outbox(wakeUp: try WakeUp(), bound: 100, noticeBound: 50)
        for _ in 0..<1239 { outbox.addNotice(Array("a notice\n".utf8)) }
        #expect(outbox.take(upTo: 1000).text == Array(String(repeating: "a notice\n", count: 5).utf8))
        let rest = outbox.take(upTo: 1000)
        #expect(String(decoding: rest.text, as: UTF8.self) == "… 1,234 lines not shown\n")
        #expect(!rest.hasMore)
        outbox.addNotice(Array("another".utf8))
        #expect(outbox.take(upTo: 1000).text == Array("another\n".utf8))
        outbox.finish()
    }

    @Test func `waiting messages do not cause notices to be dropped`() throws {
        let outbox = Outbox(wakeUp: try WakeUp(), bound: 100, noticeBound: 50)
        _ = outbox.print(Array(repeating: 0x61, count: 2000), whenRoom: {})
        outbox.addNotice(Array("a notice".utf8))
        _ = outbox.take(upTo: 1)
        #expect(outbox.take(upTo: 100).text == Array("a notice\n".utf8))
        outbox.finish()
    }

    @Test func `text is taken in whole lines`() throws {
        let outbox = Outbox(wakeUp: try WakeUp(), bound: 1000)
        for line in ["one", "two\n", "a very long line", "x"] { _ = outbox.print(Array(line.utf8), whenRoom: {}) }
        var taken: [String] = []
        var hasMore = true
        while hasMore {
            let work = outbox.take(upTo: 9)
            taken.append(String(decoding: work.text, as: UTF8.self))
            hasMore = work.hasMore
        }
        #expect(taken == ["one\ntwo\n", "a very long line\n", "x\n"])
        outbox.finish()
    }

    @Test func `closing resumes all waiting callers`() async throws {
        let outbox = Outbox(wakeUp: try WakeUp(), bound: 10)
        let calls = Mutex(0)
        let whenRoom: @Sendable () -> Void = { calls.withLock { $0 += 1 } }
        #expect(!outbox.print(Array(repeating: 0x61, count: 20), whenRoom: whenRoom))
        let closing = Task { await outbox.close() }
        while !outbox.isClosing { await Task.yield() }
        #expect(outbox.take(upTo: 0).isClosing)
        outbox.finish()
        #expect(calls.withLock { $0 } == 1)
        await closing.value
        #expect(outbox.print([0x61], whenRoom: whenRoom))
        await outbox.close()
    }
}
