import NIOCore
import WebSocketTransport
import WebSocketProtocol

/// Reads standard input, decodes it into messages and sends them at the peer's pace.
final class InputFeed: MessageFeed {
    private let source: any InputSource
    private var decoder: any StreamDecoder
    private var send: ((MessageBatch, @escaping (Failure?) -> Void) -> Void)?
    private var ended: ((Failure?) -> Void)?
    private var isReading = false
    private var onRead: (() -> Void)?

    init(_ source: any InputSource, _ decoder: any StreamDecoder) {
        (self.source, self.decoder) = (source, decoder)
    }

    func start(
        send: @escaping (MessageBatch, @escaping (Failure?) -> Void) -> Void,
        ended: @escaping (Failure?) -> Void
    ) {
        guard self.send == nil else { return }
        (self.send, self.ended) = (send, ended)
        read()
    }

    var holdsInput: Bool {
        guard send != nil else { return false }
        let rest = decoder.finish()
        return !rest.batch.isEmpty || rest.error != nil
    }

    func settle(_ done: @escaping () -> Void) {
        guard isReading, StandardStreams.inputIsReady else { return done() }
        onRead = done
    }

    func stop() {
        source.stop()
        (send, ended) = (nil, nil)
    }

    private func read() {
        isReading = true
        source.read { [weak self] in
            guard let self else { return }
            isReading = false
            take($0)
            onRead.take()?()
        }
    }

    private func take(_ result: Result<ByteBuffer?, any Error>) {
        switch result {
        case .success(let chunk?):
            deliver(decoder.decode(chunk)) { [weak self] in self?.read() }
        case .success(nil):
            deliver(decoder.finish()) { [weak self] in self?.end(nil) }
        case .failure(let error):
            end(Failure(.lost, "reading standard input failed: \(describe(error))"))
        }
    }

    private func deliver(_ input: DecodedInput, _ next: @escaping () -> Void) {
        let error = input.error.map { Failure(.unsendableInput, $0.description) }
        guard !input.batch.isEmpty else { return error.map(end) ?? next() }
        send?(input.batch) { [weak self] failure in
            if let failure = failure ?? error { self?.end(failure) } else { next() }
        }
    }

    private func end(_ failure: Failure?) {
        let ended = ended
        (send, self.ended) = (nil, nil)
        ended?(failure)
    }
}
