#if canImport(Testing)
public import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Lets as many test cases of all suites that have it run at once as there are processors.
///
/// All at once they would start hundreds of processes together, and then none is answered in time.
public struct FewAtATime: TestTrait, SuiteTrait, TestScoping {
    /// Holds for the tests of a suite too.
    public var isRecursive: Bool { true }

    /// Waits for a place, and runs a test case in it.
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
    /// Lets as many test cases run at once as there are processors.
    public static var fewAtATime: Self { FewAtATime() }
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
