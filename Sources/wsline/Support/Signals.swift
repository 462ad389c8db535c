// Dispatch sources are thread-safe, which the module does not declare yet.
@preconcurrency import Dispatch
import CPOSIX
import LineEditor
import Synchronization

/// Delivers the signals that ask a run to end.
///
/// Only the first signal is delivered. After that, each of the signals ends the process by its default action, whatever
/// other threads are doing; a terminal in raw mode is restored first.
final class Signals: Sendable {
    /// The number of the signal, for one consumer. Empty if a handler receives it instead.
    let events: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation
    private let sources: [any DispatchSourceSignal]
    /// Yields once for each registered source.
    private let registrations: AsyncStream<Void>

    /// Replaces the default action of signals, which is to end the process.
    ///
    /// - Parameters:
    ///   - numbers: the signals.
    ///   - handler: receives the number of the signal instead of `events`, on a Dispatch queue.
    init(_ numbers: [Int32], handler: (@Sendable (Int32) -> Void)? = nil) {
        let (events, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.events = events
        self.continuation = continuation
        if handler != nil { continuation.finish() }
        let (registrations, registered) = AsyncStream.makeStream(of: Void.self)
        self.registrations = registrations
        // A serial queue gets a thread even if all threads of the concurrent queues are busy.
        let queue = DispatchQueue(label: "signals", qos: .userInitiated)
        let isDelivered = Atomic(false)
        sources = numbers.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                guard !isDelivered.exchange(true, ordering: .relaxed) else {
                    // On Linux, a source may still receive a signal after the default action is restored.
                    return Terminal.die(by: number)
                }
                Terminal.makeFatal(numbers)
                if let handler { handler(number) } else { continuation.yield(number) }
            }
            source.setRegistrationHandler {
                // On macOS, Dispatch leaves the default action in place; a signal ignored before now would be lost. On
                // Linux, it has installed a handler.
                #if os(macOS)
                posix_ignore_signal(number)
                #endif
                registered.yield()
            }
            source.resume()
            return source
        }
    }

    /// Waits until all signals are caught: Dispatch registers sources asynchronously, on another thread.
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
