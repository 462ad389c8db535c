import NIOCore
import NIOEmbedded
import ProcessSupport
import TestScript
import Testing

@testable import wsline

@Suite(.fewAtATime) struct RepeatedMessagesTests {
    /// Sent messages, and whether the socket accepts them.
    private final class Sent {
        var messages: [String] = []
        var isBlocked = false
        var waiting: [((any Error)?) -> Void] = []
        var error: (any Error)?
    }

    private func start(_ messages: [String], _ loop: EmbeddedEventLoop) throws -> (RepeatedMessages, Sent) {
        let repeated = RepeatedMessages(try messages.map { try RepeatedMessage($0) }, on: loop)
        let sent = Sent()
        repeated.send = { text, done in
            sent.messages.append(text)
            if sent.isBlocked { sent.waiting.append(done) } else { done(sent.error) }
        }
        return (repeated, sent)
    }

    @Test("Each message is sent at its own interval while there is a connection")
    func intervals() throws {
        let loop = EmbeddedEventLoop()
        let (repeated, sent) = try start(["1s a", "3s b"], loop)
        loop.advanceTime(by: .seconds(10))
        #expect(sent.messages.isEmpty)
        repeated.connected()
        #expect(sent.messages.isEmpty)
        loop.advanceTime(by: .seconds(4))
        #expect(sent.messages.filter { $0 == "a" }.count == 4 && sent.messages.filter { $0 == "b" }.count == 1)
        repeated.disconnected()
        loop.advanceTime(by: .seconds(10))
        #expect(sent.messages.count == 5)
        repeated.connected()
        loop.advanceTime(by: .seconds(1))
        #expect(sent.messages.count == 6)
    }

    @Test("An added message is sent at once and goes on with the next connection; removing it stops it")
    func added() throws {
        let loop = EmbeddedEventLoop()
        let (repeated, sent) = try start([], loop)
        repeated.connected()
        #expect(repeated.add(try RepeatedMessage("1s a")))
        #expect(sent.messages == ["a"])
        repeated.disconnected()
        repeated.connected()
        loop.advanceTime(by: .milliseconds(2500))
        #expect(sent.messages == ["a", "a", "a"])
        repeated.removeAll()
        #expect(repeated.messages.isEmpty)
        loop.advanceTime(by: .seconds(10))
        #expect(sent.messages.count == 3)
    }

    @Test("While the socket accepts nothing, repeated messages do not pile up")
    func blocked() throws {
        let loop = EmbeddedEventLoop()
        let (repeated, sent) = try start(["1s a"], loop)
        repeated.connected()
        sent.isBlocked = true
        loop.advanceTime(by: .seconds(60))
        #expect(sent.messages.count == 1)
        sent.isBlocked = false
        for done in sent.waiting { done(nil) }
        loop.advanceTime(by: .seconds(2))
        #expect(sent.messages.count == 3)
    }

    @Test("/repeat starts, lists and stops messages, and rejects commands, at a server also snippets")
    func change() throws {
        let loop = EmbeddedEventLoop()
        let (repeated, sent) = try start([], loop)
        repeated.connected()
        #expect(try RepeatChange("").apply(to: repeated) == ["no message is repeated; /repeat 5s TEXT repeats one"])
        #expect(try RepeatChange("1s //a").apply(to: repeated) == [])
        let snippets = Snippets(["b": try Snippet("bb")])
        #expect(try RepeatChange("2s /b").apply(to: repeated, snippets) == [])
        #expect(sent.messages == ["/a", "bb"])
        #expect(throws: SlashCommand.Invalid.self) { try RepeatChange("1s /b").apply(to: repeated) }
        #expect(throws: SlashCommand.Invalid.self) { try RepeatChange("1s /quit").apply(to: repeated, snippets) }
        #expect(try RepeatChange("").apply(to: repeated) == ["every 1 s: /a", "every 2 s: bb"])
        #expect(try RepeatChange("stop").apply(to: repeated) == ["stopped 2 repeated messages"])
        #expect(repeated.messages.isEmpty)
    }

    @Test("There is a limit of repeated messages")
    func limit() throws {
        let loop = EmbeddedEventLoop()
        let (repeated, _) = try start([], loop)
        let message = try RepeatedMessage("1s a")
        for _ in 0..<RepeatedMessages.limit { #expect(repeated.add(message)) }
        #expect(!repeated.add(message))
    }
}
