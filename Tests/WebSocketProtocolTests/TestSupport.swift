import NIOCore
import Testing

@testable import WebSocketProtocol

// Frames according to RFC 6455, section 5.2, encoded and decoded without the code under test.

/// A frame, which may be invalid.
struct Frame: Equatable, Sendable {
    /// FIN, the reserved bits and the opcode.
    var first: UInt8
    var payload: [UInt8] = []
    /// The encoding of the length, from its 7 bits on, if it is not the shortest one.
    var length: [UInt8]?

    static func text(_ text: String, isFinal: Bool = true) -> Frame {
        Frame(first: isFinal ? 0x81 : 0x01, payload: Array(text.utf8))
    }

    static func text(bytes: [UInt8], isFinal: Bool = true) -> Frame {
        Frame(first: isFinal ? 0x81 : 0x01, payload: bytes)
    }

    static func binary(_ payload: [UInt8], isFinal: Bool = true) -> Frame {
        Frame(first: isFinal ? 0x82 : 0x02, payload: payload)
    }

    static func continuation(_ payload: [UInt8], isFinal: Bool) -> Frame {
        Frame(first: isFinal ? 0x80 : 0x00, payload: payload)
    }

    static func continuation(_ text: String, isFinal: Bool) -> Frame {
        continuation(Array(text.utf8), isFinal: isFinal)
    }

    static func close(_ code: UInt16? = nil, _ reason: String = "") -> Frame {
        let code = code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []
        return Frame(first: 0x88, payload: code + Array(reason.utf8))
    }

    static func ping(_ text: String = "") -> Frame { Frame(first: 0x89, payload: Array(text.utf8)) }
    static func pong(_ text: String = "") -> Frame { Frame(first: 0x8A, payload: Array(text.utf8)) }

    func bytes(key: [UInt8]?) -> [UInt8] {
        var length = self.length ?? Self.shortestLength(payload.count)
        guard let key else { return [first] + length + payload }
        length[0] |= 0x80
        return [first] + length + key + xor(payload, key)
    }

    private static func shortestLength(_ count: Int) -> [UInt8] {
        if count < 126 { return [UInt8(count)] }
        if count < 65536 { return [126, UInt8(count / 256), UInt8(count % 256)] }
        return [127] + (0..<8).reversed().map { UInt8(count >> ($0 * 8) & 0xFF) }
    }
}

func xor(_ bytes: [UInt8], _ key: [UInt8]) -> [UInt8] {
    bytes.indices.map { bytes[$0] ^ key[$0 % 4] }
}

struct MalformedFrame: Error {
    var offset: Int
    var fault: String
}

/// Decodes complete frames with their masking keys, which are nil for unmasked frames.
func readFrames(_ bytes: [UInt8]) throws -> [(frame: Frame, key: [UInt8]?)] {
    var frames: [(Frame, [UInt8]?)] = []
    var index = 0
    func take(_ count: Int) throws -> [UInt8] {
        guard count <= bytes.count - index else { throw MalformedFrame(offset: index, fault: "cut short") }
        defer { index += count }
        return Array(bytes[index..<index + count])
    }
    while index < bytes.count {
        let start = try take(2)
        var length = Int(start[1] & 0x7F)
        if length > 125 {
            let least = length == 126 ? 126 : 65536
            length = try take(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
            guard length >= least else { throw MalformedFrame(offset: index, fault: "length not minimal") }
        }
        let key = start[1] & 0x80 == 0 ? nil : try take(4)
        let payload = try take(length)
        frames.append((Frame(first: start[0], payload: key.map { xor(payload, $0) } ?? payload), key))
    }
    return frames
}

extension Role {
    static let both: [Role] = [.client, .server]

    var peer: Role { self == .client ? .server : .client }

    /// The masking key that the peer of this role uses: the key of the examples in section 5.7, or nil.
    var peerKey: [UInt8]? { self == .client ? nil : [0x37, 0xFA, 0x21, 0x3D] }

    /// Encodes frames as sent by the peer of this role.
    func fromPeer(_ frames: [Frame]) -> [UInt8] {
        frames.flatMap { $0.bytes(key: peerKey) }
    }

    func fromPeer(_ frames: Frame...) -> ByteBuffer {
        ByteBuffer(bytes: fromPeer(frames))
    }
}

struct Message: Equatable, Sendable, CustomStringConvertible {
    var kind: MessageBatch.Kind
    var payload: [UInt8]

    init(_ kind: MessageBatch.Kind, _ payload: [UInt8]) {
        self.kind = kind
        self.payload = payload
    }

    static func text(_ text: String) -> Message { Message(.text, Array(text.utf8)) }
    static func binary(_ bytes: [UInt8]) -> Message { Message(.binary, bytes) }
    static func ping(_ text: String = "") -> Message { Message(.ping, Array(text.utf8)) }
    static func pong(_ text: String = "") -> Message { Message(.pong, Array(text.utf8)) }

    var description: String { "\(kind) of \(payload.count): \(payload.prefix(16))" }
}

extension MessageBatch {
    var messages: [Message] {
        entries.map { Message($0.kind, Array(payload(of: $0).readableBytesView)) }
    }

    init(_ messages: [Message]) {
        self.init()
        for message in messages { append(message.kind, message.payload) }
    }
}

/// The effects of bytes that an endpoint received.
struct Outcome: Equatable, CustomStringConvertible {
    var messages: [Message] = []
    var end: Endpoint.Received.End?
    var sent: [Frame] = []
    var state: Endpoint.State = .open

    /// Returns the expected outcome of a violation on an open connection.
    static func violation(_ error: ProtocolError, code: UInt16, after messages: [Message] = []) -> Outcome {
        Outcome(
            messages: messages,
            end: .violation(error),
            sent: [.close(code, "\(error)")],
            state: .failed(error)
        )
    }

    var description: String {
        let sent = sent.map { "\($0.first) with \($0.payload.count): \($0.payload.prefix(16))" }
        return "received \(messages), end \(end.map { "\($0)" } ?? "none"), sent \(sent), state \(state)"
    }
}

extension Endpoint {
    /// Takes the frames to send, and checks that they are masked as the role requires.
    mutating func takeFrames() throws -> [Frame] {
        try frames(in: takeBytes())
    }

    mutating func takeBytes() -> [UInt8] {
        takeOutput().map { Array($0.readableBytesView) } ?? []
    }

    private func frames(in bytes: [UInt8]) throws -> [Frame] {
        try readFrames(bytes).map { frame, key in
            guard (key != nil) == (role == .client) else {
                throw MalformedFrame(offset: 0, fault: "\(frame.first) is masked: \(key != nil)")
            }
            return frame
        }
    }

    /// Receives bytes that a single call should process completely.
    mutating func receive(_ bytes: ByteBuffer) -> Received {
        var buffer = bytes
        let received = receive(&buffer)
        if buffer.readableBytes > 0 { Issue.record("\(buffer.readableBytes) bytes are left") }
        return received
    }

    mutating func deliver(_ pieces: [ArraySlice<UInt8>]) throws -> Outcome {
        var outcome = Outcome()
        var sent: [UInt8] = []
        for piece in pieces {
            var buffer = ByteBuffer(bytes: piece)
            repeat {
                let received = receive(&buffer)
                if outcome.end != nil, !received.batch.isEmpty || received.end != nil {
                    Issue.record("received \(received) after the end")
                }
                outcome.messages += received.batch.messages
                outcome.end = outcome.end ?? received.end
            } while buffer.readableBytes > 0
            sent += takeBytes()
        }
        outcome.sent = try frames(in: sent)
        outcome.state = state
        return outcome
    }
}

/// Returns ways to split the bytes: not at all, in two at every place, and into single bytes; for many bytes, a sample
/// of these.
func cuts(of bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
    func pieces(of count: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: bytes.count, by: count).map { bytes[$0..<min($0 + count, bytes.count)] }
    }
    let places = Array(1..<max(1, bytes.count))
    guard places.count > 1000 else {
        return [[bytes[...]]] + places.map { [bytes[..<$0], bytes[$0...]] } + [pieces(of: 1)]
    }
    let sample = places.prefix(20) + [127, 500, places.count / 2] + places.suffix(20)
    return [[bytes[...]]] + sample.map { [bytes[..<$0], bytes[$0...]] } + [pieces(of: 997), pieces(of: 4096)]
}

/// Expects the same outcome however the bytes are split.
func expect(
    _ expected: Outcome,
    from bytes: [UInt8],
    to role: Role,
    limits: Limits = Limits(),
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    for pieces in cuts(of: bytes) {
        var endpoint = Endpoint(role: role, limits: limits)
        let outcome = try endpoint.deliver(pieces)
        guard outcome != expected else { continue }
        let message = "cut into \(pieces.prefix(3).map(\.count))…: \(outcome), not \(expected)"
        Issue.record(Comment(rawValue: message), sourceLocation: sourceLocation)
        return
    }
}

/// A random number generator that is determined by its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// Returns text of `byteCount` bytes with characters of every length, so that splits fall inside them.
func text(byteCount: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while byteCount - bytes.count >= 10 { bytes += "aé€😀".utf8 }
    return bytes + [UInt8](repeating: 0x7A, count: byteCount - bytes.count)
}

/// Returns bytes of all values, without a short period that would hide masking errors.
func binary(byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
}
