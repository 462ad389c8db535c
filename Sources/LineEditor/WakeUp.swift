import CEditLine
import SystemPackage

/// A pipe that wakes the editor from `poll`, with a zero byte for work in the outbox or the number of a signal.
struct WakeUp: Sendable {
    let readingEnd: FileDescriptor
    let writingEnd: FileDescriptor

    init() throws(TerminalError) {
        var descriptors: [Int32] = [-1, -1]
        let error = terminal_pipe(&descriptors)
        guard error == 0 else { throw .system(call: "pipe", errno: error) }
        readingEnd = FileDescriptor(rawValue: descriptors[0])
        writingEnd = FileDescriptor(rawValue: descriptors[1])
    }

    func post() {
        // If the pipe is full, the editor wakes up anyway.
        _ = try? writingEnd.writeAll([0])
    }

    /// Empties the pipe and returns the signals received through it.
    func drain() -> Set<Int32> {
        var signals: Set<Int32> = []
        var bytes = [UInt8](repeating: 0, count: 64)
        while let count = try? bytes.withUnsafeMutableBytes({ try readingEnd.read(into: $0) }), count > 0 {
            signals.formUnion(bytes[..<count].lazy.filter { $0 != 0 }.map { Int32($0) })
        }
        return signals
    }

    func close() {
        try? readingEnd.close()
        try? writingEnd.close()
    }
}
