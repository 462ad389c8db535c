public import Foundation
import ProcessSupport

/// The result of running a program: its command line, output and exit status.
public struct ProgramResult: Sendable, CustomStringConvertible {
    /// The command line.
    public let command: String
    /// The exit status, or 128 plus the number of the signal that ended the program.
    public let status: Int32
    /// The complete standard output.
    public let output: Data
    /// The complete standard error.
    public let error: String

    /// The standard output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }

    /// The complete result, for a failure message.
    public var description: String {
        "\(command)\nstatus \(status)\nstandard output: \(text.prefix(2000))\nstandard error: \(error.prefix(2000))"
    }
}

/// A running program, to which input and signals can be sent.
public final class Program: Sendable {
    private let process: ChildProcess
    private let command: String

    /// The folder with the program under test: that of the file in the variable WSLINE, otherwise that of this build.
    public static let folder =
        ProcessInfo.processInfo.environment["WSLINE"].map {
            URL(fileURLWithPath: $0).resolvingSymlinksInPath().deletingLastPathComponent()
        } ?? buildFolder

    /// Starts a program of this build.
    ///
    /// - Parameters:
    ///   - name: the name of the program.
    ///   - arguments: the arguments.
    ///   - environment: variables to set in addition to those of the test.
    /// - Throws: the system's error when the program cannot be started.
    public init(_ name: String = "wsline", _ arguments: [String], environment: [String: String] = [:]) throws {
        process = try ChildProcess(
            Self.folder.appendingPathComponent(name).path,
            arguments,
            // The user's configuration file must not affect tests.
            environment: ProcessInfo.processInfo.environment.merging(["WSLINE_CONFIG": ""]) { $1 }
                .merging(environment) { $1 },
            readsError: true
        )
        command = ([name] + arguments).joined(separator: " ")
    }

    /// Writes to the program's standard input.
    public func write(_ data: Data) {
        try? process.input.write(contentsOf: data)
    }

    /// Closes the program's standard input.
    public func endInput() {
        try? process.input.close()
    }

    /// Closes the reading end of the program's standard output.
    public func closeOutput() {
        try? process.output.close()
    }

    /// Waits for standard output and returns what is available; empty at the end.
    public func readOutput() async -> Data {
        await ChildProcess.onThread { self.process.output.availableData }
    }

    /// Waits for a line of standard error and returns it without its newline; `result` returns the rest.
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

    /// Sends a signal to the program.
    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The number of unread bytes in the pipe of standard output.
    public var unreadOutput: Int { unreadBytes(in: process.output.fileDescriptor) }

    /// The number of unread bytes in the pipe of standard error.
    public var unreadError: Int { process.error.map { unreadBytes(in: $0.fileDescriptor) } ?? 0 }

    /// Waits for the program to end, without reading its output.
    public func status() async -> Int32 {
        let watch = killWhenImpatient()
        defer { watch.cancel() }
        return await process.status()
    }

    /// Whether the program handles a signal; true when the system does not report it.
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

    /// The program's peak memory so far, in bytes; nil when the system does not report it.
    public var peakMemory: Int? {
        #if os(Linux)
        let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 }
        #else
        return nil
        #endif
    }

    /// The time after which the program is killed, so that a hang fails only its own test.
    private static let patience = Duration.seconds(600)

    private func killWhenImpatient() -> Task<Void, any Error> {
        Task { [self] in
            try await Task.sleep(for: Self.patience)
            signal(SIGKILL)
        }
    }

    /// Waits for the program to end, reading both streams meanwhile.
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

    /// Runs a program of this build until it ends.
    ///
    /// - Parameters:
    ///   - arguments: the arguments.
    ///   - input: the complete standard input.
    ///   - environment: variables to set in addition to those of the test.
    /// - Returns: the output and the exit status.
    /// - Throws: the system's error when the program cannot be started.
    public static func run(
        _ arguments: [String],
        input: Data = Data(),
        environment: [String: String] = [:]
    ) async throws -> ProgramResult {
        let program = try Program("wsline", arguments, environment: environment)
        // Write on a separate thread, so that a program that does not read its input does not block reading its output.
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
