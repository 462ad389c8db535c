import CEditLine

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A pipe that wakes the editor's `poll`: a zero for work in the outbox, a signal's number for a signal.
struct WakeUp: Sendable {
    let readingEnd: Int32
    let writingEnd: Int32

    init() throws(TerminalError) {
        var descriptors: [Int32] = [-1, -1]
        guard terminal_pipe(&descriptors) else { throw .system(call: "pipe", errno: errno) }
        (readingEnd, writingEnd) = (descriptors[0], descriptors[1])
    }

    func post() {
        var zero: UInt8 = 0
        // A full pipe wakes just as well, so the result does not matter.
        _ = write(writingEnd, &zero, 1)
    }

    /// Takes what lies in the pipe and returns the signals among it.
    func drain() -> Set<Int32> {
        var signals: Set<Int32> = []
        var bytes = [UInt8](repeating: 0, count: 64)
        while true {
            let count = read(readingEnd, &bytes, bytes.count)
            if count > 0 {
                signals.formUnion(bytes[..<count].lazy.filter { $0 != 0 }.map { Int32($0) })
            } else if count == 0 || errno != EINTR {
                return signals
            }
        }
    }

    func close() {
        _ = closeDescriptor(readingEnd)
        _ = closeDescriptor(writingEnd)
    }
}

private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
