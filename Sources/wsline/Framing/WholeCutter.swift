import NIOCore
import WebSocketProtocol

/// Makes one message of all that a stream has; none of a stream that has nothing.
struct WholeCutter: InputCutter {
    private let kind: MessageBatch.Kind
    private var input = UnfinishedInput()

    /// Creates a cutter that makes a text message, or a binary one.
    init(_ kind: MessageBatch.Kind) {
        self.kind = kind
    }

    mutating func cut(_ chunk: ByteBuffer) -> CutInput {
        input.keep(input.joined(with: chunk), from: 0)
        guard input.count <= InputLimit.messageSize else {
            return CutInput(error: .tooLong(.whole, number: 1))
        }
        return CutInput()
    }

    mutating func finish() -> CutInput {
        guard input.count > 0 else { return CutInput() }
        if kind == .text, let invalid = input.bytes.withUnsafeReadableBytes(UTF8Validator.firstInvalid(inText:)) {
            return CutInput(error: .notUTF8(.whole, number: 1, byte: invalid + 1))
        }
        return CutInput(
            batch: MessageBatch(bytes: input.bytes, entries: [.init(kind, offset: 0, count: input.count)])
        )
    }
}
