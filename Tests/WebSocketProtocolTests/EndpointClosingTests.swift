import NIOCore
import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct EndpointClosingTests {
    enum Step: Sendable {
        case peerSends([Frame])
        case send(String)
        case close(CloseFrame)
    }

    struct Course: Sendable, CustomTestStringConvertible {
        var name: String
        var answersEndAtOnce = true
        var steps: [Step]
        var sent: [Frame]
        var state: Endpoint.State
        var expectsTransportEnd = true

        var testDescription: String { name }

        /// Returns an endpoint after all steps, whose output has not been taken.
        func run(_ role: Role) throws -> Endpoint {
            var endpoint = Endpoint(role: role, answersEndAtOnce: answersEndAtOnce)
            for step in steps {
                switch step {
                case .peerSends(let frames): _ = endpoint.receive(ByteBuffer(bytes: role.fromPeer(frames)))
                case .send(let text): try endpoint.send(MessageBatch(text: text))
                case .close(let frame): endpoint.close(frame)
                }
            }
            return endpoint
        }
    }

    private static func closeFrame(_ code: UInt16, _ reason: String = "") -> CloseFrame {
        guard let frame = try? CloseFrame(code: CloseCode(rawValue: code), reason: reason) else {
            preconditionFailure("\(code) with \(reason) may not be sent")
        }
        return frame
    }

    private static let bye = closeFrame(1001, "bye")
    private static let theirs = closeFrame(4000, "theirs")
    private static let badOpcode = Frame(first: 0x83)
    private static let badOpcodeClose = Frame.close(1002, "opcode 3 is reserved")

    private static let courses: [Course] = [
        Course(name: "no Close frame", steps: [], sent: [], state: .open, expectsTransportEnd: false),
        Course(
            name: "we close",
            steps: [.close(bye)],
            sent: [.close(1001, "bye")],
            state: .closing(bye),
            expectsTransportEnd: false
        ),
        Course(
            name: "we close, the peer responds",
            steps: [.close(bye), .peerSends([.text("late"), .close(1001)])],
            sent: [.close(1001, "bye")],
            state: .closed(closeFrame(1001), answering: bye)
        ),
        Course(
            name: "both close with different codes",
            steps: [.close(bye), .peerSends([.close(4000, "theirs")])],
            sent: [.close(1001, "bye")],
            state: .closed(theirs, answering: bye)
        ),
        Course(
            name: "we close without a code, the peer responds without one",
            steps: [.close(.empty), .peerSends([.close()])],
            sent: [.close()],
            state: .closed(.empty, answering: .empty)
        ),
        Course(
            name: "the peer closes: we respond with its code but not its reason",
            steps: [.peerSends([.close(4000, "theirs")])],
            sent: [.close(4000)],
            state: .closed(theirs, answering: nil)
        ),
        Course(
            name: "the peer closes without a code: we respond without one",
            steps: [.peerSends([.close()])],
            sent: [.close()],
            state: .closed(.empty, answering: nil)
        ),
        Course(
            name: "the peer closes; our own close is too late",
            steps: [.peerSends([.close(4000, "theirs")]), .close(bye)],
            sent: [.close(4000)],
            state: .closed(theirs, answering: nil)
        ),
        Course(
            name: "the peer closes, and the response is deferred",
            answersEndAtOnce: false,
            steps: [.peerSends([.close(4000, "theirs")])],
            sent: [],
            state: .ending(.close(theirs)),
            expectsTransportEnd: false
        ),
        Course(
            name: "the peer closes, and messages are sent before the deferred response with its code",
            answersEndAtOnce: false,
            steps: [.peerSends([.close(4000, "theirs")]), .send("reply"), .send("another"), .close(bye)],
            sent: [.text("reply"), .text("another"), .close(4000)],
            state: .closed(theirs, answering: nil)
        ),
        Course(
            name: "the peer closes without a code, and the deferred response has none",
            answersEndAtOnce: false,
            steps: [.peerSends([.close()]), .close(bye), .close(bye)],
            sent: [.close()],
            state: .closed(.empty, answering: nil)
        ),
        Course(
            name: "we close, the peer responds: nothing is deferred",
            answersEndAtOnce: false,
            steps: [.close(bye), .peerSends([.close(1001)])],
            sent: [.close(1001, "bye")],
            state: .closed(closeFrame(1001), answering: bye)
        ),
        Course(
            name: "the peer violates the protocol",
            steps: [.peerSends([badOpcode])],
            sent: [badOpcodeClose],
            state: .failed(.reservedOpcode(3))
        ),
        Course(
            name: "the peer violates the protocol, and the response is deferred",
            answersEndAtOnce: false,
            steps: [.peerSends([badOpcode])],
            sent: [],
            state: .ending(.violation(.reservedOpcode(3))),
            expectsTransportEnd: false
        ),
        Course(
            name: "the peer violates the protocol, and messages are sent before the deferred response",
            answersEndAtOnce: false,
            steps: [.peerSends([badOpcode]), .send("reply"), .close(bye)],
            sent: [.text("reply"), badOpcodeClose],
            state: .failed(.reservedOpcode(3))
        ),
        Course(
            name: "the peer violates the protocol after our close: no second Close frame",
            steps: [.close(bye), .peerSends([badOpcode]), .close(bye)],
            sent: [.close(1001, "bye")],
            state: .failed(.reservedOpcode(3))
        ),
        Course(
            name: "the peer responds with an invalid code: no second Close frame",
            steps: [.close(bye), .peerSends([.close(1005)])],
            sent: [.close(1001, "bye")],
            state: .failed(.closeCodeNotAllowed(1005))
        ),
        Course(
            name: "we close twice",
            steps: [.close(bye), .close(.normal)],
            sent: [.close(1001, "bye")],
            state: .closing(bye),
            expectsTransportEnd: false
        ),
        Course(
            name: "the peer sends a ping after our close",
            steps: [.close(bye), .peerSends([.ping("still there?")])],
            sent: [.close(1001, "bye"), .pong("still there?")],
            state: .closing(bye),
            expectsTransportEnd: false
        ),
        Course(
            name: "a Close frame between the fragments of a message",
            steps: [.peerSends([.text("Hel", isFinal: false), .close(1001)])],
            sent: [.close(1001)],
            state: .closed(closeFrame(1001), answering: nil)
        ),
    ]

    @Test(arguments: Role.both, courses)
    func `the closing handshake sends the right frames and reaches the right state`(role: Role, course: Course) throws {
        var endpoint = try course.run(role)
        #expect(try endpoint.takeFrames() == course.sent)
        #expect(endpoint.state == course.state)
        #expect(endpoint.expectsTransportEnd == course.expectsTransportEnd)
    }

    @Test(arguments: Role.both, courses)
    func `after a Close frame, only permitted events have an effect`(
        role: Role,
        course: Course
    ) throws {
        var endpoint = try course.run(role)
        _ = endpoint.takeOutput()

        let sentClose = course.sent.contains { $0.first == 0x88 }
        if sentClose {
            #expect(throws: SendError.notOpen) { try endpoint.send(MessageBatch(text: "late")) }
            #expect(throws: SendError.notOpen) { try endpoint.send(MessageBatch(.ping, [])) }
            #expect(endpoint.takeOutput() == nil)
        } else {
            try endpoint.send(MessageBatch(text: "late"))
            #expect(try endpoint.takeFrames() == [.text("late")])
        }

        let received = endpoint.receive(role.fromPeer(.text("more"), .ping("more")))
        switch course.state {
        case .open, .closing:
            #expect(received.batch.messages == [.text("more"), .ping("more")])
            #expect(try endpoint.takeFrames() == [.pong("more")])
        case .ending, .closed, .failed:
            #expect(received.batch.isEmpty)
            #expect(endpoint.takeOutput() == nil)
        }
        #expect(received.end == nil)
        #expect(endpoint.state == course.state)
    }

    @Test(arguments: Role.both, [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4000, 4999] as [UInt16])
    func `a peer's Close frame is reported, and its code is echoed`(role: Role, code: UInt16) throws {
        for reason in ["", "because", String(repeating: "x", count: 123), "naïve €"] {
            let frame = Self.closeFrame(code, reason)
            let outcome = Outcome(
                messages: [.text("before"), .ping("p")],
                end: .close(frame),
                sent: [.pong("p"), .close(code)],
                state: .closed(frame, answering: nil)
            )
            let frames: [Frame] = [
                .text("before"), .ping("p"), .close(code, reason), .text("after"), .ping("after"), .close(1000),
                Self.badOpcode,
            ]
            try expect(outcome, from: role.fromPeer(frames), to: role)
        }
    }

    @Test(arguments: Role.both)
    func `messages and pings that cross our Close frame are received`(role: Role) throws {
        for pieces in cuts(of: role.fromPeer([.text("a"), .ping("p"), .binary([1]), .close(1000), .text("after")])) {
            var endpoint = Endpoint(role: role)
            endpoint.close(Self.bye)
            let outcome = try endpoint.deliver(pieces)
            #expect(outcome.messages == [.text("a"), .ping("p"), .binary([1])])
            #expect(outcome.end == .close(.normal))
            #expect(outcome.sent == [.close(1001, "bye"), .pong("p")])
        }
    }

    @Test(arguments: Role.both)
    func `our Close frame may be sent between fragments of the peer's message`(role: Role) {
        var endpoint = Endpoint(role: role)
        _ = endpoint.receive(role.fromPeer(.text("Hel", isFinal: false)))
        endpoint.close(.normal)
        let received = endpoint.receive(role.fromPeer(.continuation("lo", isFinal: true)))
        #expect(received.batch.messages == [.text("Hello")])
    }

    @Test(arguments: Role.both, [true, false])
    func `a ping held during congestion is not answered after the peer's Close frame`(
        role: Role,
        answersEndAtOnce: Bool
    ) throws {
        var endpoint = Endpoint(role: role, answersEndAtOnce: answersEndAtOnce)
        endpoint.isCongested = true
        _ = endpoint.receive(role.fromPeer(.ping("held"), .close(1000)))
        endpoint.isCongested = false
        endpoint.close(.normal)
        #expect(try endpoint.takeFrames() == [.close(1000)])
    }

    @Test(arguments: Role.both)
    func `a ping held during congestion is answered after our own Close frame`(role: Role) throws {
        var endpoint = Endpoint(role: role)
        endpoint.isCongested = true
        _ = endpoint.receive(role.fromPeer(.ping("held")))
        endpoint.close(.normal)
        endpoint.isCongested = false
        #expect(try endpoint.takeFrames() == [.close(1000), .pong("held")])
    }

    @Test(arguments: Role.both, [true, false])
    func `two endpoints complete the closing handshake, whichever starts it`(role: Role, bothBegin: Bool) {
        var one = Endpoint(role: role)
        var other = Endpoint(role: role.peer)
        one.close(Self.bye)
        if bothBegin { other.close(Self.theirs) }
        while let output = one.takeOutput() {
            _ = other.receive(output)
            if let answer = other.takeOutput() { _ = one.receive(answer) }
        }
        #expect(one.expectsTransportEnd && other.expectsTransportEnd)
        let answer = bothBegin ? Self.theirs : Self.closeFrame(1001)
        #expect(one.state == .closed(answer, answering: Self.bye))
        #expect(other.state == .closed(Self.bye, answering: bothBegin ? Self.theirs : nil))
    }
}
