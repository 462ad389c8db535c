import NIOCore
import WebSocketProtocol

/// Decodes a whole stream as one message; an empty stream has none.
struct WholeDecoder: StreamDecoder {
    private let kind: MessageBatch.Kind
    private var input = UnfinishedInput()

    /// Creates a decoder that makes a text or binary message.
    init(_ kind: MessageBatch.Kind) {
        self.kind = kind
    }

    mutating func decode(_ chunk: ByteBuffer) -> DecodedInput {
        input.keep(input.joined(with: chunk), from: 0)
        guard input.count <= InputLimit.messageSize else {
            return DecodedInput(error: .tooLong(.whole, number: 1))
        }
        return DecodedInput()
    }

    mutating func finish() -> DecodedInput {
        guard input.count > 0 else { return DecodedInput() }
        if kind == .text, let invalid = input.bytes.withUnsafeReadableBytes(UTF8Validator.firstInvalid(inText:)) {
            return DecodedInput(error: .notUTF8(.whole, number: 1, byte: invalid + 1))
        }
        return DecodedInput(
            batch: MessageBatch(bytes: input.bytes, entries: [.init(kind, offset: 0, count: input.count)])
        )
    }
}
