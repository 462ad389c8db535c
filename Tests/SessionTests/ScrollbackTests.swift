import MessageText
import NIOCore
import ProcessSupport
import Testing
import WebSocketProtocol

@testable import wsline

@Suite(.fewAtATime) struct ScrollbackTests {
    private func text(_ message: Scrollback.Message?) -> String? {
        message.map { String(decoding: $0.payload.readableBytesView, as: UTF8.self) }
    }

    @Test("Messages of both directions are numbered from 1, and control frames are not")
    func numbers() throws {
        var scrollback = Scrollback()
        var batch = MessageBatch(text: "one")
        batch.append(.ping, "p".utf8)
        batch.append(.binary, [0, 1])
        #expect(scrollback.add(batch, .received, at: .now()) == 1)
        #expect(scrollback.add(MessageBatch(text: "three"), .sent, at: .now()) == 3)
        #expect(scrollback.numbers == 1..<4)
        #expect(text(scrollback[1]) == "one")
        #expect(scrollback[2]?.isText == false)
        #expect(scrollback[3]?.direction == .sent)
        #expect(scrollback[4] == nil && scrollback[0] == nil)
    }

    @Test("A message at a server is labeled with the number of its client")
    func clients() throws {
        var scrollback = Scrollback()
        scrollback.add(MessageBatch(text: "a"), .received, client: 7, at: .now())
        scrollback.add(MessageBatch(text: "b"), .sent, client: 7, at: .now())
        scrollback.add(MessageBatch(text: "c"), .sent, at: .now())
        let labels = (1...3).compactMap { scrollback[$0]?.label.split(separator: " ") }
        #expect(labels.map { [$0[0], $0[2]] } == [["1", "7<"], ["2", "7>"], ["3", ">"]])
        #expect(scrollback[1]?.description.contains(" from client 7, text, 1 byte") == true)
        #expect(scrollback[2]?.description.contains(" to client 7, text") == true)
        #expect(scrollback[3]?.description.contains("client") == false)
    }

    @Test("A reference means a number, or counts back among the incoming messages")
    func references() throws {
        var scrollback = Scrollback()
        for number in 1...3 {
            scrollback.add(MessageBatch(text: "in \(number)"), .received, at: .now())
            scrollback.add(MessageBatch(text: "out \(number)"), .sent, at: .now())
        }
        #expect(text(try scrollback.message(nil)) == "in 3")
        #expect(text(try scrollback.message(.back(3))) == "in 1")
        #expect(text(try scrollback.message(.number(2))) == "out 1")
        #expect(throws: InvalidValue.self) { try scrollback.message(.back(4)) }
        #expect(throws: InvalidValue.self) { try scrollback.message(.number(7)) }
        #expect(throws: InvalidValue.self) { try Scrollback(.init(bytes: 0)).message(nil) }
    }

    @Test("At most 10,000 messages are kept, in whatever batches they arrive", arguments: [1, 7, 3000, 25_000])
    func count(batchSize: Int) {
        var scrollback = Scrollback()
        var number = 0
        while number < 50_000 {
            var batch = MessageBatch()
            for _ in 0..<batchSize {
                number += 1
                batch.append(.text, "\(number)".utf8)
            }
            scrollback.add(batch, .received, at: .now())
        }
        #expect(scrollback.numbers == number - 9999..<number + 1)
        #expect(text(scrollback[number - 9999]) == "\(number - 9999)")
        #expect(text(scrollback[number]) == "\(number)")
        var found: [Int] = []
        scrollback.forEach {
            found.append($0.number)
            return true
        }
        #expect(found == Array(scrollback.numbers))
    }

    @Test("The size is bounded, also by small messages in large buffers and by a single large message")
    func size() {
        let limit = 1 << 20
        var scrollback = Scrollback(.init(bytes: limit))
        for _ in 0..<5000 {
            var bytes = ByteBuffer()
            bytes.reserveCapacity(64 << 10)
            bytes.writeString("small")
            let batch = MessageBatch(bytes: bytes, entries: [.init(.text, offset: 0, count: 5)])
            scrollback.add(batch, .received, at: .now())
            #expect(scrollback.size <= limit)
        }
        #expect(scrollback.numbers.count > 1000, "a small message does not keep the buffer that it arrived in")
        scrollback.add(MessageBatch(text: String(repeating: "x", count: 2 << 20)), .received, at: .now())
        #expect(scrollback.size <= limit && scrollback.numbers.isEmpty)
        scrollback.add(MessageBatch(text: "next"), .received, at: .now())
        #expect(scrollback.numbers == 5002..<5003)
    }

    @Test(
        "A search finds the messages that contain a text or match a regular expression",
        arguments: [
            ("needle", ["a needle"]), ("~^a.*e$", ["a needle"]), ("ü", ["über"]), ("~[", nil), ("nothing", []),
        ] as [(String, [String]?)]
    )
    func search(typed: String, found: [String]?) throws {
        var scrollback = Scrollback()
        for message in ["a needle", "über", "hay"] {
            scrollback.add(MessageBatch(text: message), .received, at: .now())
        }
        guard let found else {
            #expect(throws: SlashCommand.Invalid.self) { try SearchPattern(typed: typed) }
            return
        }
        let pattern = try SearchPattern(typed: typed)
        var excerpts: [String] = []
        scrollback.forEach {
            if let excerpt = pattern.excerpt(of: $0) { excerpts.append(excerpt) }
            return true
        }
        #expect(excerpts == found)
    }

    @Test("An excerpt of a long message begins shortly before the match")
    func excerpt() throws {
        var scrollback = Scrollback()
        let message = String(repeating: "ä", count: 500) + "needle" + String(repeating: "ö", count: 5000)
        scrollback.add(MessageBatch(text: message), .received, at: .now())
        let excerpt = try #require(try SearchPattern(typed: "needle").excerpt(of: try scrollback.message(nil)))
        #expect(excerpt.hasPrefix("…ä") && excerpt.contains("äneedleö") && excerpt.count < 210, "\(excerpt)")
    }
}
