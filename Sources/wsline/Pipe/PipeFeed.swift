import NIOCore
import WebSocketProtocol

/// Cuts what a pipe brings and sends it, all on the event loop: at once as long as the system takes it at once, so that no
/// task has to be woken for a line.
final class PipeFeed {
    /// Begins to send a batch.
    ///
    /// - Returns: nil when the system has taken it, else what will tell why it can't be sent, if so.
    typealias Begin = (MessageBatch) -> EventLoopFuture<Failure?>?

    /// What is still to be seen of a chunk.
    private struct Rest {
        var sending: EventLoopFuture<Failure?>?
        var error: UnsendableInput?
    }

    private var cutter: any StreamDecoder
    private let begin: Begin
    private var rest: Rest?

    init(_ cutter: any StreamDecoder, _ begin: @escaping Begin) {
        (self.cutter, self.begin) = (cutter, begin)
    }

    /// Reads a pipe to its end; on the event loop.
    ///
    /// - Returns: why not all was read and sent, if so.
    /// - Throws: what the system says when it can't be read.
    func read(_ input: PipedInput) async throws -> Failure? {
        input.takeAtOnce { [self] chunk in
            rest = send(cutter.cut(chunk))
            return rest == nil
        }
        defer { input.takeAtOnce(nil) }
        while let chunk = try await input.read() {
            if let failure = await failure(of: rest.take() ?? send(cutter.cut(chunk))) { return failure }
        }
        // The input may have been stopped meanwhile.
        if let failure = await failure(of: rest.take()) { return failure }
        return await failure(of: send(cutter.finish()))
    }

    /// Begins to send; returns nil when there is nothing more to be seen of it.
    private func send(_ input: DecodedInput) -> Rest? {
        let sending = input.batch.isEmpty ? nil : begin(input.batch)
        return sending == nil && input.error == nil ? nil : Rest(sending: sending, error: input.error)
    }

    private func failure(of rest: Rest?) async -> Failure? {
        if let sending = rest?.sending, let failure = try? await sending.get() { return failure }
        return rest?.error.map { Failure(.unsendableInput, $0.description) }
    }
}
