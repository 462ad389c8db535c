#if canImport(Testing)
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

/// The slots for test cases.
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
