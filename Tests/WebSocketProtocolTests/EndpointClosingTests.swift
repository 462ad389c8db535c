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

        /// Returns an endpoint that has gone this course, with its output still in it.
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
        Course(name: "nothing yet", steps: [], sent: [], state: .open, expectsTransportEnd: false),
        Course(
            name: "we begin",
            steps: [.close(bye)],
            sent: [.close(1001, "bye")],
            state: .closing(bye),
            expectsTransportEnd: false
        ),
        Course(
            name: "we begin, they answer",
            steps: [.close(bye), .peerSends([.text("late"), .close(1001)])],
            sent: [.close(1001, "bye")],
            state: .closed(closeFrame(1001), answering: bye)
        ),
        Course(
            name: "both begin, their code differs",
            steps: [.close(bye), .peerSends([.close(4000, "theirs")])],
            sent: [.close(1001, "bye")],
            state: .closed(theirs, answering: bye)
        ),
        Course(
            name: "we begin without a code, they answer so",
            steps: [.close(.empty), .peerSends([.close()])],
            sent: [.close()],
            state: .closed(.empty, answering: .empty)
        ),
        Course(
            name: "they begin: their code without their reason goes back",
            steps: [.peerSends([.close(4000, "theirs")])],
            sent: [.close(4000)],
            state: .closed(theirs, answering: nil)
        ),
        Course(
            name: "they begin without a code: so do we",
            steps: [.peerSends([.close()])],
            sent: [.close()],
            state: .closed(.empty, answering: nil)
        ),
        Course(
            name: "they begin; a close of ours comes too late",
            steps: [.peerSends([.close(4000, "theirs")]), .close(bye)],
            sent: [.close(4000)],
            state: .closed(theirs, answering: nil)
        ),
        Course(
            name: "they begin, and the answer waits",
            answersEndAtOnce: false,
            steps: [.peerSends([.close(4000, "theirs")])],
            sent: [],
            state: .ending(.close(theirs)),
            expectsTransportEnd: false
        ),
        Course(
            name: "they begin, and messages still go until the answer, which has their code",
            answersEndAtOnce: false,
            steps: [.peerSends([.close(4000, "theirs")]), .send("reply"), .send("another"), .close(bye)],
            sent: [.text("reply"), .text("another"), .close(4000)],
            state: .closed(theirs, answering: nil)
        ),
        Course(
            name: "they begin without a code, and the answer that waited has none",
            answersEndAtOnce: false,
            steps: [.peerSends([.close()]), .close(bye), .close(bye)],
            sent: [.close()],
            state: .closed(.empty, answering: nil)
        ),
        Course(
            name: "we begin, they answer: nothing waits",
            answersEndAtOnce: false,
            steps: [.close(bye), .peerSends([.close(1001)])],
            sent: [.close(1001, "bye")],
            state: .closed(closeFrame(1001), answering: bye)
        ),
        Course(
            name: "they break a rule",
            steps: [.peerSends([badOpcode])],
            sent: [badOpcodeClose],
            state: .failed(.reservedOpcode(3))
        ),
        Course(
            name: "they break a rule, and the answer waits",
            answersEndAtOnce: false,
            steps: [.peerSends([badOpcode])],
            sent: [],
            state: .ending(.violation(.reservedOpcode(3))),
            expectsTransportEnd: false
        ),
        Course(
            name: "they break a rule, and messages still go until the answer, which says so",
            answersEndAtOnce: false,
            steps: [.peerSends([badOpcode]), .send("reply"), .close(bye)],
            sent: [.text("reply"), badOpcodeClose],
            state: .failed(.reservedOpcode(3))
        ),
        Course(
            name: "they break a rule after we began: no second Close frame",
            steps: [.close(bye), .peerSends([badOpcode]), .close(bye)],
            sent: [.close(1001, "bye")],
            state: .failed(.reservedOpcode(3))
        ),
        Course(
            name: "they answer wrongly: no second Close frame",
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
            name: "they ping after we began",
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
    func `the closing handshake takes its course`(role: Role, course: Course) throws {
        var endpoint = try course.run(role)
        #expect(try endpoint.takeFrames() == course.sent)
        #expect(endpoint.state == course.state)
        #expect(endpoint.expectsTransportEnd == course.expectsTransportEnd)
    }

    @Test(arguments: Role.both, courses)
    func `once a Close frame has passed either way, what may still happen is settled`(
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
    func `a peer's Close is an event with its code and reason, and its code is echoed`(role: Role, code: UInt16) throws
    {
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
    func `messages and pings that cross our Close still come`(role: Role) throws {
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
    func `our Close may come between the fragments of the peer's message`(role: Role) {
        var endpoint = Endpoint(role: role)
        _ = endpoint.receive(role.fromPeer(.text("Hel", isFinal: false)))
        endpoint.close(.normal)
        let received = endpoint.receive(role.fromPeer(.continuation("lo", isFinal: true)))
        #expect(received.batch.messages == [.text("Hello")])
    }

    @Test(arguments: Role.both, [true, false])
    func `a ping held while congested is not answered once the peer's Close has come`(
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
    func `a ping held while congested is answered although our Close has gone`(role: Role) throws {
        var endpoint = Endpoint(role: role)
        endpoint.isCongested = true
        _ = endpoint.receive(role.fromPeer(.ping("held")))
        endpoint.close(.normal)
        endpoint.isCongested = false
        #expect(try endpoint.takeFrames() == [.close(1000), .pong("held")])
    }

    @Test(arguments: Role.both, [true, false])
    func `two endpoints close with each other, whoever begins`(role: Role, bothBegin: Bool) {
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
