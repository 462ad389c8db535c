// Dispatch sources may be used from any thread; the module does not say so yet.
@preconcurrency import Dispatch

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Signals that ask for the end of a run, as events.
final class Signals: Sendable {
    /// The signals' numbers as they come.
    let events: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation
    private let sources: [any DispatchSourceSignal]
    /// An element for each source that the system knows.
    private let registrations: AsyncStream<Void>

    /// Takes signals over from the system's default, which would end the process at once.
    init(_ numbers: [Int32]) {
        let (events, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.events = events
        self.continuation = continuation
        let (registrations, registered) = AsyncStream.makeStream(of: Void.self)
        self.registrations = registrations
        sources = numbers.map { number in
            // On Linux Dispatch sets a handler itself; ignored until then, a signal would be lost.
            #if canImport(Darwin)
            signal(number, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.setRegistrationHandler { registered.yield() }
            source.resume()
            return source
        }
    }

    /// Waits until a signal comes here for certain; Dispatch takes it over on a thread of its own, which on a busy machine
    /// takes its time.
    func taken() async {
        var registrations = registrations.makeAsyncIterator()
        for _ in sources { _ = await registrations.next() }
    }

    deinit {
        for source in sources { source.cancel() }
        continuation.finish()
    }
}
