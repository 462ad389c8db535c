import NIOCore
import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct MessageBatchTests {
    private static let mixed: [Message] = [
        .text("Hello"), .ping("p"), .binary([0, 255]), .text(""), .pong(), .binary([]), .text("naïve"),
    ]

    @Test func `a new batch is empty`() {
        let batch = MessageBatch()
        #expect(batch.isEmpty)
        #expect(batch.messageCount == 0)
        #expect(batch.entries.isEmpty)
        #expect(batch.bytes.readableBytes == 0)
    }

    @Test func `entries keep their order, kinds and payloads`() {
        let batch = MessageBatch(Self.mixed)
        #expect(!batch.isEmpty)
        #expect(batch.messages == Self.mixed)
        #expect(batch.bytes.readableBytes == 14)
    }

    @Test func `messages are counted without the control frames`() {
        let batch = MessageBatch(Self.mixed)
        #expect(batch.messageCount == 5)
        #expect(batch.controlFrames.map(\.kind) == [.ping, .pong])
        #expect(batch.controlFrames.map(\.offset) == [5, 8])
    }

    @Test(arguments: [
        (MessageBatch.Kind.text, true), (.binary, true), (.ping, false), (.pong, false),
    ])
    func `text and binary are messages`(kind: MessageBatch.Kind, isMessage: Bool) {
        #expect(kind.isMessage == isMessage)
    }

    @Test func `a batch can be created from one text or one entry`() {
        #expect(MessageBatch(text: "naïve").messages == [.text("naïve")])
        #expect(MessageBatch(.ping, [1, 2]).messages == [Message(.ping, [1, 2])])
        #expect(MessageBatch(text: "").messages == [.text("")])
    }

    @Test func `entry offsets are relative to the reader index`() {
        var bytes = ByteBuffer(string: "gone|one\ntwo\nthree\n")
        bytes.moveReaderIndex(forwardBy: 5)
        var batch = MessageBatch(
            bytes: bytes,
            entries: [.init(.text, offset: 0, count: 3), .init(.binary, offset: 8, count: 5)]
        )
        #expect(batch.messages == [.text("one"), Message(.binary, Array("three".utf8))])
        #expect(batch.entries.map(batch.string) == ["one", "three"])
        batch.append(.text, "four".utf8)
        #expect(batch.entries.map(batch.string) == ["one", "three", "four"])
    }

    @Test func `invalid UTF-8 is replaced with U+FFFD`() throws {
        let batch = MessageBatch(.binary, [0x61, 0xFF, 0x62])
        let entry = try #require(batch.entries.first)
        #expect(batch.string(of: entry) == "a\u{FFFD}b")
    }

    @Test func `a payload is unmasked while it is copied`() {
        var batch = MessageBatch(text: "before")
        let masked: [UInt8] = [0x7F, 0x9F, 0x4D, 0x51, 0x58]
        masked.withUnsafeBytes {
            batch.append(.text, $0, unmaskedWith: MaskingKey(0x37, 0xFA, 0x21, 0x3D))
            batch.append(.binary, $0, unmaskedWith: nil)
        }
        #expect(batch.messages == [.text("before"), .text("Hello"), .binary(masked)])
    }

    @Test(arguments: [[], [.text("before")], [.ping(), .text("before")], [.text("")]] as [[Message]])
    func `a buffer can be appended to any batch`(before: [Message]) {
        var batch = MessageBatch(before)
        var payload = ByteBuffer(string: "gone|whole")
        payload.moveReaderIndex(forwardBy: 5)
        batch.append(.text, takingOver: payload)
        batch.append(.binary, [7])
        #expect(batch.messages == before + [.text("whole"), .binary([7])])
    }

    @Test func `reserving capacity keeps the contents`() {
        var batch = MessageBatch(Self.mixed)
        batch.reserve(100_000)
        #expect(batch.messages == Self.mixed)
        #expect(batch.bytes.writableBytes >= 100_000)
    }
}
