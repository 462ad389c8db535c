import NIOCore
import NIOHTTP2

/// The configuration of HTTP/2 connections and streams.
enum HTTP2Setup {
    /// The maximum number of bytes that a peer may send on a stream before this end has read them.
    private static let streamWindow = 1 << 20
    /// The same for all streams of a connection, which are read independently.
    private static let connectionWindow = 4 << 20
    /// The maximum payload of a frame, in bytes, large enough for fast streams.
    private static let frameSize = 256 << 10
    /// The maximum size of a header list, in bytes.
    private static let headerListSize = 64 << 10
    /// The number of streams that a client may open at once.
    static let maximumStreams = 100

    /// Returns the configuration of a connection.
    ///
    /// Its limits end a connection whose peer floods this end with empty DATA frames, CONTINUATION frames, resets
    /// (CVE-2023-44487), invalid streams, settings, pings, or requests for output that it does not read.
    static func connection(_ mode: NIOHTTP2Handler.ParserMode) -> NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        let role: [HTTP2Setting] =
            switch mode {
            case .client: [HTTP2Setting(parameter: .enablePush, value: 0)]
            case .server:
                [
                    HTTP2Setting(parameter: .enableConnectProtocol, value: 1),
                    HTTP2Setting(parameter: .maxConcurrentStreams, value: maximumStreams),
                ]
            }
        configuration.initialSettings =
            role + [
                HTTP2Setting(parameter: .maxFrameSize, value: frameSize),
                HTTP2Setting(parameter: .maxHeaderListSize, value: headerListSize),
            ]
        configuration.targetWindowSize = connectionWindow
        // A client ignores Content-Length in a response to CONNECT (RFC 9110, section 9.3.6).
        configuration.contentLengthValidation = .disabled
        configuration.maximumBufferedControlFrames = 1000
        // Some servers send an empty frame before END_STREAM, or instead of a flush.
        configuration.maximumSequentialEmptyDataFrames = 10
        return configuration
    }

    /// The configuration of a stream.
    static var stream: NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = streamWindow
        // The same as for a TCP connection.
        configuration.outboundBufferSizeHighWatermark = 64 << 10
        configuration.outboundBufferSizeLowWatermark = 32 << 10
        return configuration
    }

    /// Returns the known settings with their names (RFC 9113, section 6.5.2).
    static func words(for settings: HTTP2Settings) -> [(name: String, value: Int)] {
        let names: [(HTTP2SettingsParameter, String)] = [
            (.headerTableSize, "HEADER_TABLE_SIZE"), (.enablePush, "ENABLE_PUSH"),
            (.maxConcurrentStreams, "MAX_CONCURRENT_STREAMS"), (.initialWindowSize, "INITIAL_WINDOW_SIZE"),
            (.maxFrameSize, "MAX_FRAME_SIZE"), (.maxHeaderListSize, "MAX_HEADER_LIST_SIZE"),
            (.enableConnectProtocol, "ENABLE_CONNECT_PROTOCOL"),
        ]
        return names.compactMap { parameter, name in
            settings.last { $0.parameter == parameter }.map { (name, $0.value) }
        }
    }
}
