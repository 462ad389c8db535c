// Dispatch sources may be used from any thread; the module does not say so yet.
@preconcurrency import Dispatch
import CPOSIX
import LineEditor
import Synchronization

/// Signals that ask for the end of a run, as events.
///
/// Only the first one is delivered. From then on, each of the signals ends the process by default action, whatever the
/// other threads are doing; a terminal in raw mode is restored first.
final class Signals: Sendable {
    /// The number of the signal, unless a handler receives it. For one consumer.
    let events: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation
    private let sources: [any DispatchSourceSignal]
    /// Has an element for each registered source.
    private let registrations: AsyncStream<Void>

    /// Replaces the default action of signals, which ends the process at once.
    ///
    /// - Parameters:
    ///   - numbers: the signals.
    ///   - handler: receives the number of the signal, on a Dispatch queue, instead of `events`.
    init(_ numbers: [Int32], handler: (@Sendable (Int32) -> Void)? = nil) {
        let (events, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.events = events
        self.continuation = continuation
        if handler != nil { continuation.finish() }
        let (registrations, registered) = AsyncStream.makeStream(of: Void.self)
        self.registrations = registrations
        // A serial queue has a thread even when all those of the concurrent ones are busy.
        let queue = DispatchQueue(label: "signals", qos: .userInitiated)
        let isDelivered = Atomic(false)
        sources = numbers.map { number in
            // On Linux, Dispatch installs a handler itself; a signal ignored until then would be lost.
            #if os(macOS)
            posix_ignore_signal(number)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                guard !isDelivered.exchange(true, ordering: .relaxed) else {
                    // On Linux, a source may still take a signal before the process gets it.
                    return Terminal.die(by: number)
                }
                Terminal.makeFatal(numbers)
                if let handler { handler(number) } else { continuation.yield(number) }
            }
            source.setRegistrationHandler { registered.yield() }
            source.resume()
            return source
        }
    }

    /// Waits until signals arrive here for certain: Dispatch registers its sources on a thread of its own.
    func taken() async {
        var registrations = registrations.makeAsyncIterator()
        for _ in sources { _ = await registrations.next() }
    }

    /// Stops the delivery of signals.
    func cancel() {
        for source in sources { source.cancel() }
        continuation.finish()
    }

    deinit { cancel() }
}
