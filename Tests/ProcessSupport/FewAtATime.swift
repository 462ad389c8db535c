#if canImport(Testing)
import Foundation
import Synchronization
public import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A trait that limits the test cases running at once, over all suites that have it, to the number of processors.
///
/// Without it, hundreds of processes would start together, and none would respond in time.
public struct FewAtATime: TestTrait, SuiteTrait, TestScoping {
    /// Applies the trait to the tests of a suite.
    public var isRecursive: Bool { true }

    /// Waits for a slot and runs a test case in it.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        await Places.shared.take()
        let watch = HangDetector.shared.begin(test.displayName ?? test.name)
        defer { HangDetector.shared.end(watch) }
        do {
            try await function()
        } catch {
            await Places.shared.give()
            throw error
        }
        await Places.shared.give()
    }
}

extension Trait where Self == FewAtATime {
    /// Limits the test cases running at once to the number of processors.
    public static var fewAtATime: Self { FewAtATime() }
}

/// Ends the process when a test case has run for so long that it will never end, and names it: otherwise the whole run would hang
/// without a word.
///
/// It has a thread of its own, because a hang may have taken all of the threads that tasks run on.
private final class HangDetector: Sendable {
    static let shared = HangDetector()

    private static let limit = Duration.seconds(900)
    private let running = Mutex<[Int: (name: String, start: ContinuousClock.Instant)]>([:])
    private let identifiers = Atomic(0)

    private init() {
        Thread.detachNewThread { [self] in
            while true {
                sleep(5)
                endIfHanging()
            }
        }
    }

    private func endIfHanging() {
        let hanging = running.withLock { $0.values.filter { $0.start.duration(to: .now) > Self.limit } }
        guard !hanging.isEmpty else { return }
        let names = hanging.map { "\"\($0.name)\"" }.joined(separator: ", ")
        FileHandle.standardError.write(Data("The tests were ended, because these hang: \(names)\n".utf8))
        abort()
    }

    /// Notes that a test case has begun.
    func begin(_ name: String) -> Int {
        let identifier = identifiers.add(1, ordering: .relaxed).newValue
        running.withLock { $0[identifier] = (name, .now) }
        return identifier
    }

    /// Notes that it has ended.
    func end(_ identifier: Int) {
        running.withLock { $0[identifier] = nil }
    }
}

/// Places for test cases.
private actor Places {
    static let shared = Places()

    private var free = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        guard !waiting.isEmpty else {
            free += 1
            return
        }
        waiting.removeFirst().resume()
    }
}
#endif
