import NIOCore
import ProcessSupport
import Testing
import WebSocketProtocol
import WebSocketTransport

@testable import wsline

@Suite(.fewAtATime) struct DeliveryTrackerTests {
    private func time(_ second: Double) -> NIODeadline { .uptimeNanoseconds(UInt64(second * 1e9)) }
    private let lost = CloseOutcome.lost(reason: nil, whileClosing: false)

    @Test("A pong confirms after a second that everything before its ping has arrived")
    func settled() {
        var tracker = DeliveryTracker()
        #expect(tracker.send(3) == "sent 3")
        #expect(tracker.send(2) == nil, "one ping is on its way at a time")
        tracker.received(pong: "sent 3", at: time(1))
        #expect(tracker.connectionEnded(lost, at: time(2)) == 4...5)
        #expect(tracker.connectionEnded(lost, at: time(3)) == nil, "each message is named once")
    }

    @Test("A pong within the last second confirms nothing yet")
    func tooEarly() {
        var tracker = DeliveryTracker()
        _ = tracker.send(3)
        tracker.received(pong: "sent 3", at: time(1))
        #expect(tracker.connectionEnded(lost, at: time(1.9)) == 1...3)
    }

    @Test("A server that responds to the Close frame has received everything")
    func closed() {
        var tracker = DeliveryTracker()
        _ = tracker.send(3)
        #expect(tracker.connectionEnded(.closed(.normal, answering: .normal), at: time(1)) == nil)
    }

    @Test("Messages that could not be sent are not counted")
    func notSent() {
        var tracker = DeliveryTracker()
        _ = tracker.send(3)
        tracker.notSent(3)
        #expect(tracker.connectionEnded(lost, at: time(1)) == nil)
        tracker.connected()
        #expect(tracker.send(1) == "sent 1")
    }

    @Test("Pongs without a matching ping confirm nothing", arguments: ["sent 99", "sent -1", "sent x", "", "other"])
    func madeUp(payload: String) {
        var tracker = DeliveryTracker()
        _ = tracker.send(2)
        tracker.received(pong: payload, at: time(0))
        _ = tracker.send(1)
        #expect(tracker.connectionEnded(lost, at: time(5))?.upperBound == 3)
    }

    @Test("A flood of pongs needs no memory")
    func flood() {
        var tracker = DeliveryTracker()
        _ = tracker.send(2)
        for _ in 0..<100_000 { tracker.received(pong: "sent 1", at: time(1)) }
        #expect(tracker.pongsKept <= 1000)
    }
}
