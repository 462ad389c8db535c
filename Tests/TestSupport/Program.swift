public import Foundation
import ProcessSupport

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
    private let process: ChildProcess
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
        process = try ChildProcess(
            Self.folder.appendingPathComponent(name).path,
            arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            readsError: true
        )
        command = ([name] + arguments).joined(separator: " ")
    }

    /// Writes to its standard input.
    public func write(_ data: Data) {
        try? process.input.write(contentsOf: data)
    }

    /// Ends its standard input.
    public func endInput() {
        try? process.input.close()
    }

    /// Closes our end of its standard output.
    public func closeOutput() {
        try? process.output.close()
    }

    /// Waits for its output, and returns what has come; empty at the end.
    public func readOutput() async -> Data {
        await ChildProcess.onThread { self.process.output.availableData }
    }

    /// Waits for a line of its standard error, and returns it without its end; `result` gives what follows.
    public func readErrorLine() async -> String {
        await ChildProcess.onThread {
            var line = Data()
            while let byte = try? self.process.error?.read(upToCount: 1), byte != Data([0x0A]) {
                if byte.isEmpty { break }
                line += byte
            }
            return String(decoding: line, as: UTF8.self)
        }
    }

    /// Sends it a signal.
    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The bytes of its standard output that nobody has read yet.
    public var unreadOutput: Int { Self.unread(process.output) }

    /// The bytes of its standard error that nobody has read yet.
    public var unreadError: Int { process.error.map(Self.unread) ?? 0 }

    private static func unread(_ stream: FileHandle) -> Int {
        var count: Int32 = 0
        return ioctl(stream.fileDescriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// Waits for its end without reading its output.
    public func status() async -> Int32 {
        let watch = killWhenImpatient()
        defer { watch.cancel() }
        return await process.status()
    }

    /// Whether it handles a signal; true when the system does not tell.
    public func handles(_ number: Int32) -> Bool {
        #if os(Linux)
        let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
        guard let mask = line.flatMap({ UInt64($0.suffix(16), radix: 16) }) else { return true }
        return mask >> UInt64(number - 1) & 1 == 1
        #else
        return true
        #endif
    }

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

    /// How long it may go on before it is killed: what hangs is to fail its own test, not to hold up all others.
    private static let patience = Duration.seconds(600)

    private func killWhenImpatient() -> Task<Void, any Error> {
        Task { [self] in
            try await Task.sleep(for: Self.patience)
            signal(SIGKILL)
        }
    }

    /// Waits for its end, reading both streams meanwhile.
    public func result() async -> ProgramResult {
        let start = ContinuousClock.now
        let watch = killWhenImpatient()
        defer { watch.cancel() }
        async let outputData = Self.readAll(process.output)
        async let errorData = Self.readAll(process.error)
        let (out, err) = await (outputData, errorData)
        let status = await process.status()
        let isKilled = ContinuousClock.now - start >= Self.patience
        let killed = isKilled ? "[killed: it went on for \(Self.patience)]\n" : ""
        return ProgramResult(
            command: command,
            status: status,
            output: out,
            error: killed + String(decoding: err, as: UTF8.self)
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
        async let written: Void = ChildProcess.onThread {
            program.write(input)
            program.endInput()
        }
        let result = await program.result()
        await written
        return result
    }

    private static func readAll(_ stream: FileHandle?) async -> Data {
        await ChildProcess.onThread { (try? stream?.readToEnd()) ?? Data() }
    }
}
