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

    /// Takes signals over from the system's default, which would end the process at once.
    init(_ numbers: [Int32]) {
        let (events, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.events = events
        self.continuation = continuation
        sources = numbers.map { number in
            // On Linux Dispatch sets a handler itself; ignored until then, a signal would be lost.
            #if canImport(Darwin)
            signal(number, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
        continuation.finish()
    }
}
