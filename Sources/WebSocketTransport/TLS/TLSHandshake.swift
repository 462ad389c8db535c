import NIOCore
import NIOSSL
import NIOTLS

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The result of a TLS handshake.
public struct TLSSession: Sendable, Equatable {
    /// The protocol version, such as "TLS 1.3".
    public var version: String
    /// The cipher suite, such as "TLS_AES_128_GCM_SHA256"; nil for a server, where NIOSSL does not report it.
    public var cipher: String?
    /// The server's certificate. NIOSSL does not report the rest of the chain.
    public var certificate: Certificate?
    /// The protocol that the server selected (RFC 7301), such as "h2"; nil for none.
    public var applicationProtocol: String?
}

/// A handler that waits for the end of a TLS handshake, verifies the server's identity, and determines why a handshake
/// failed.
final class TLSHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let tls: NIOSSLClientHandler
    private let hello: ServerHelloReader
    private let host: String
    private let checksCertificate: Bool
    private let promise: EventLoopPromise<TLSSession>
    private var isDone = false

    private init(
        _ tls: NIOSSLClientHandler,
        _ hello: ServerHelloReader,
        host: String,
        checksCertificate: Bool,
        promise: EventLoopPromise<TLSSession>
    ) {
        self.tls = tls
        self.hello = hello
        self.host = host
        self.checksCertificate = checksCertificate
        self.promise = promise
    }

    /// Performs a TLS handshake as a client.
    ///
    /// - Parameters:
    ///   - channel: a connected channel. Call the method on its event loop.
    ///   - host: the server's name in ASCII, or its address.
    ///   - options: the TLS configuration.
    /// - Returns: the session. Fails with `CertificateFault` or an error of NIOSSL.
    static func perform(
        on channel: any Channel,
        host: String,
        _ options: TLSOptions
    ) -> EventLoopFuture<TLSSession> {
        let promise = channel.eventLoop.makePromise(of: TLSSession.self)
        let pipeline = channel.pipeline.syncOperations
        do {
            let tls = try TLSSetup.makeHandler(for: host, options)
            let hello = ServerHelloReader()
            let handler = TLSHandshakeHandler(
                tls,
                hello,
                host: TLSSetup.expectedHost(host, options),
                checksCertificate: !options.acceptsAnyCertificate,
                promise: promise
            )
            try pipeline.addHandler(hello)
            // The TLS handshake starts when the handler is added.
            try pipeline.addHandler(handler)
            try pipeline.addHandler(tls, position: .before(handler))
            promise.futureResult.assumeIsolated().whenComplete { _ in
                pipeline.removeHandler(hello, promise: nil)
                pipeline.removeHandler(handler, promise: nil)
            }
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(let selected)? = event as? TLSUserEvent, !isDone {
            isDone = true
            let certificate = self.certificate
            if checksCertificate, let fault = CertificateFault(in: certificate, host: host) {
                promise.fail(fault)
            } else {
                let version = tls.tlsVersion.map(TLSSetup.name) ?? "TLS"
                promise.succeed(
                    TLSSession(
                        version: version,
                        cipher: hello.cipher,
                        certificate: certificate,
                        applicationProtocol: selected
                    )
                )
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(fault(in: error) ?? error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error) {
        guard !isDone else { return }
        isDone = true
        promise.fail(error)
    }

    private var certificate: Certificate? {
        (try? tls.peerCertificate?.toDERBytes()).flatMap { $0 }.flatMap(Certificate.init)
    }

    private func fault(in error: any Error) -> CertificateFault? {
        let text = String(describing: error)
        if text.contains("KEY_USAGE_BIT_INCORRECT") { return .notForServers }
        guard text.contains("CERTIFICATE_VERIFY_FAILED") else { return nil }
        return CertificateFault(rejected: certificate, now: Int(Date().timeIntervalSince1970))
    }
}

/// A handler that reads the cipher suite, which NIOSSL does not report, from the ServerHello (RFC 8446, section 4.1.3).
final class ServerHelloReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private var start = ByteBuffer()
    private static let names: [UInt16: String] = [
        0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256",
        0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ]

    /// The name of the cipher suite, or its number if the name is not known; nil before the ServerHello.
    var cipher: String? {
        // The variable-length session identifier follows the record header (5 bytes), handshake header (4), version (2)
        // and random (32).
        guard start.getInteger(at: 0, as: UInt8.self) == 22, start.getInteger(at: 5, as: UInt8.self) == 2,
            let length = start.getInteger(at: 43, as: UInt8.self),
            let number = start.getInteger(at: 44 + Int(length), as: UInt16.self)
        else { return nil }
        return Self.names[number] ?? "0x" + String(number, radix: 16)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if start.readableBytes < 128 { start.writeImmutableBuffer(unwrapInboundIn(data)) }
        context.fireChannelRead(data)
    }
}
