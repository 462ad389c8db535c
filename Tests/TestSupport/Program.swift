public import Foundation

/// A run of a built program: what it was given, what it said, how it ended.
public struct ProgramResult: Sendable, CustomStringConvertible {
    /// The command line.
    public let command: String
    /// The exit status, or 128 and the signal that ended it.
    public let status: Int32
    /// All of standard output.
    public let output: Data
    /// All of standard error.
    public let error: String

    /// Standard output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }

    /// Everything, for a failure's message.
    public var description: String {
        "\(command)\nstatus \(status)\nstandard output: \(text.prefix(2000))\nstandard error: \(error.prefix(2000))"
    }
}

/// A built program that runs: its input may still be written, and signals sent.
public final class Program: Sendable {
    private let process: Process
    private let input = Pipe()
    private let output = Pipe()
    private let error = Pipe()
    private let command: String

    /// The folder that holds this build's programs.
    public static let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent()

    /// Starts a program of this build.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - arguments: its arguments.
    ///   - environment: variables set for it beside those of the test.
    /// - Throws: what the system says when it can't be started.
    public init(_ name: String = "wsline", _ arguments: [String], environment: [String: String] = [:]) throws {
        process = Process()
        process.executableURL = Self.folder.appendingPathComponent(name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = error
        command = ([name] + arguments).joined(separator: " ")
        try process.run()
    }

    /// Writes to its standard input.
    public func write(_ data: Data) {
        try? input.fileHandleForWriting.write(contentsOf: data)
    }

    /// Ends its standard input.
    public func endInput() {
        try? input.fileHandleForWriting.close()
    }

    /// Closes our end of its standard output.
    public func closeOutput() {
        try? output.fileHandleForReading.close()
    }

    /// Waits for its output, and returns what has come; empty at the end.
    public func readOutput() async -> Data {
        await Self.onThread { self.output.fileHandleForReading.availableData }
    }

    /// Waits for a line of its standard error, and returns it without its end; `result` gives what follows.
    public func readErrorLine() async -> String {
        await Self.onThread {
            var line = Data()
            while let byte = try? self.error.fileHandleForReading.read(upToCount: 1), byte != Data([0x0A]) {
                if byte.isEmpty { break }
                line += byte
            }
            return String(decoding: line, as: UTF8.self)
        }
    }

    /// Sends it a signal.
    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The most memory that it has had so far, in bytes; nil when the system does not tell.
    public var peakMemory: Int? {
        #if os(Linux)
        let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 }
        #else
        return nil
        #endif
    }

    /// Waits for its end, reading both streams meanwhile.
    public func result() async -> ProgramResult {
        async let outputData = Self.readAll(output)
        async let errorData = Self.readAll(error)
        let (out, err) = await (outputData, errorData)
        await Self.onThread { self.process.waitUntilExit() }
        let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
        return ProgramResult(
            command: command,
            status: status,
            output: out,
            error: String(decoding: err, as: UTF8.self)
        )
    }

    /// Runs a program of this build to its end.
    ///
    /// - Parameters:
    ///   - arguments: its arguments.
    ///   - input: all of its standard input.
    ///   - environment: variables set for it beside those of the test.
    /// - Returns: what it said and how it ended.
    /// - Throws: what the system says when it can't be started.
    public static func run(
        _ arguments: [String],
        input: Data = Data(),
        environment: [String: String] = [:]
    ) async throws -> ProgramResult {
        let program = try Program("wsline", arguments, environment: environment)
        // From a thread of its own: a program that does not read must not hold up the reading of what it writes.
        async let written: Void = onThread {
            program.write(input)
            program.endInput()
        }
        let result = await program.result()
        await written
        return result
    }

    private static func readAll(_ pipe: Pipe) async -> Data {
        await onThread { (try? pipe.fileHandleForReading.readToEnd()) ?? Data() }
    }

    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                // Foundation takes an interrupted call for the end of the file, or traps.
                var signals = sigset_t()
                sigfillset(&signals)
                pthread_sigmask(SIG_BLOCK, &signals, nil)
                continuation.resume(returning: body())
            }
        }
    }
}
