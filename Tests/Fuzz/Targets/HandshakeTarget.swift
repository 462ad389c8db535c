import NIOCore
import NIOEmbedded
import NIOHTTP1
import WebSocketProtocol

@testable import WebSocketTransport

/// Fuzzes the client's handling of responses to the opening handshake, split anywhere.
///
/// The first byte selects what the client offers; the second determines how the rest is split.
enum HandshakeTarget {
    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count >= 2, let url = try? WebSocketURL("ws://example.com/") else { return }
        var options = ConnectionConfiguration()
        // A constant key, so that the corpus can contain valid responses.
        options.headers = [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]
        options.offersCompression = input[0] & 1 == 0
        if input[0] & 2 == 0 { options.subprotocols = ["chat", "superchat"] }
        let bytes = Array(input.dropFirst(2))
        let whole = outcome(of: [bytes[...]], url, options)
        let size = Int(input[1]) + 1
        let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
        let cut = outcome(of: pieces, url, options)
        precondition(whole == cut, "the outcome depends on the cut: \(whole), \(cut)")
    }

    private static func outcome(of pieces: [ArraySlice<UInt8>], _ url: WebSocketURL, _ options: ConnectionConfiguration)
        -> String
    {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        let promise = channel.eventLoop.makePromise(of: UpgradeHandler.Response.self)
        var outcome = "none"
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let answer): outcome = "agreed \(answer.deflate?.answer ?? "nothing")"
            case .failure(UpgradeHandler.Failure.violation(let violation)): outcome = "\(violation)"
            case .failure(UpgradeHandler.Failure.refused(let refusal)):
                outcome = "refused with \(refusal.response.status.code)"
            case .failure(UpgradeHandler.Failure.fault): outcome = "fault"
            case .failure: outcome = "ended"
            }
        }
        let recorder = ResponseRecorder()
        let handlers: [any ChannelHandler] = [
            recorder, HTTPRequestEncoder(),
            ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes)),
            UpgradeHandler(request: UpgradeRequest(url: url, options: options), recorder: recorder, promise: promise),
        ]
        do {
            try channel.pipeline.syncOperations.addHandlers(handlers)
            channel.pipeline.fireChannelActive()
            for piece in pieces {
                guard outcome == "none" else { break }
                try channel.writeInbound(ByteBuffer(bytes: piece))
            }
            channel.pipeline.fireChannelInactive()
        } catch {
            channel.pipeline.fireErrorCaught(error)
        }
        return outcome
    }
}
