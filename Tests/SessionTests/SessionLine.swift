import MessageText
import NIOCore
import TestScript
import Testing
import WebSocketProtocol
import WebSocketTransport

@testable import wsline

/// Swift Testing has a type with the same name.
typealias ExitStatus = wsline.ExitStatus

/// A line of a table: an event, its time in seconds, and descriptions of the expected actions.
struct SessionLine: Sendable {
    enum Event: Sendable {
        case start, connected
        case connectFailed(ExitStatus, mayPass: Bool = true)
        case received(Int, shown: Int? = nil)
        case expectationsMet(left: Int)
        case inputEnded(ExitStatus? = nil, sent: Int = 0)
        case fired(SessionStateMachine.Timer, sent: Int = 0)
        case outputBlocked(Bool)
        case outputFailed(isBrokenPipe: Bool)
        case leave(ExitStatus)
        case userCloses, userReconnects
        case closedByServer(CloseCode?)
        case closedByUs
        case lost
        /// All output has been written and all expectations checked: whether an expectation is unmet, and whether there
        /// is input that could not be sent.
        case finished(unmet: Bool = false, isUnsent: Bool = false, sent: Int = 0)
    }

    let second: Double
    let event: Event
    let actions: [String]

    init(_ second: Double, _ event: Event, _ actions: String...) {
        self.init(second, event, actions)
    }

    init(_ second: Double, _ event: Event, _ actions: [String]) {
        (self.second, self.event, self.actions) = (second, event, actions)
    }
}

/// A table with the options of a session and its events.
struct SessionTable: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let policy: @Sendable () -> SessionPolicy
    let lines: [SessionLine]

    init(_ name: String, _ policy: @Sendable @escaping @autoclosure () -> SessionPolicy, _ lines: [SessionLine]) {
        (testDescription, self.policy, self.lines) = (name, policy, lines)
    }

    /// Runs the events through a state machine and compares the actions of each line.
    func check() throws {
        var machine = SessionStateMachine(policy(), jitter: { 1 })
        for (number, line) in lines.enumerated() {
            let now = NIODeadline.uptimeNanoseconds(UInt64(line.second * 1e9))
            let actions = try machine.take(line.event, at: now)
            #expect(actions.map(Self.words) == line.actions, "line \(number + 1): \(line.event)")
        }
    }

    private static func words(_ action: SessionStateMachine.Action) -> String {
        func seconds(_ deadline: NIODeadline) -> String { Seconds.format(Double(deadline.uptimeNanoseconds) / 1e9) }
        return switch action {
        case .connect: "connect"
        case .cancelAttempt: "cancel"
        case .close(nil): "close"
        case .close(_?): "close soon"
        case .abort: "abort"
        case .sendPing: "ping"
        case .start(let timer, let time): "\(timer) at \(seconds(time))"
        case .finish: "finish"
        case .announceRetry(_, let delay): "retry in \(Seconds.format(delay))"
        case .announceDisconnected(let failure): "disconnected \(failure?.status.code ?? 0)"
        case .announceMissing(let received, let sent): "received \(received) of \(sent)"
        case .announceOpenInput: "input open"
        case .end(let failure): "end \(failure?.status.code ?? 0)"
        }
    }
}

extension SessionStateMachine {
    fileprivate mutating func take(_ event: SessionLine.Event, at now: NIODeadline) throws -> [Action] {
        switch event {
        case .start: return start()
        case .connected: return connected(at: now)
        case .connectFailed(let status, let mayPass):
            return connectFailed(Failure(status, "no connection", mayPass: mayPass), at: now)
        case .received(let count, let shown): return received(messages: count, shown: shown ?? count, at: now)
        case .expectationsMet(let left): return expectationsMet(left: left, at: now)
        case .inputEnded(let status, let sent):
            return inputEnded(status.map { Failure($0, "not sent") }, at: now, sent: sent)
        case .fired(let timer, let sent): return fired(timer, at: now, sent: sent)
        case .outputBlocked(let isBlocked):
            outputBlocked(isBlocked, at: now)
            return []
        case .outputFailed(let isBrokenPipe):
            return outputFailed(Failure(.lost, "writing failed"), isBrokenPipe: isBrokenPipe)
        case .leave(let status): return leave(Failure(status, ""), at: now)
        case .userCloses: return userCloses(at: now)
        case .userReconnects: return userReconnects()
        case .closedByServer(let code):
            let frame = try code.map { try CloseFrame(code: $0, reason: "") } ?? .empty
            return connectionEnded(.closed(frame, answering: nil), at: now)
        case .closedByUs: return connectionEnded(.closed(.normal, answering: .normal), at: now)
        case .lost: return connectionEnded(.lost(reason: nil, whileClosing: false), at: now)
        case .finished(let isUnmet, let isUnsent, let sent):
            let unmet = UnmetExpectation(expectation: try Expectation("pong"), lastMessage: "other")
            return finished(unmet: isUnmet ? unmet : nil, isUnsent: isUnsent, at: now, sent: sent)
        }
    }
}
