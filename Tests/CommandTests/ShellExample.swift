import ArgumentParser
import Foundation
import ProcessSupport
import TestSupport
import Testing

@testable import wsline

/// A command line in a document, with its documented output.
struct ShellExample: Sendable {
    let command: String
    let output: [String]

    /// A temporary folder shared by the examples of a document, which may use each other's files.
    final class Folder: Sendable {
        let path: String

        init() throws {
            path = NSTemporaryDirectory() + "wsline-examples-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Finds the commands after `$ ` and the output that follows each.
    static func all(in lines: [String]) -> [ShellExample] {
        var examples: [(command: String, output: [String])] = []
        for line in lines {
            if line.hasPrefix("$ ") {
                examples.append((String(line.dropFirst(2)), []))
            } else if !examples.isEmpty {
                examples[examples.count - 1].output.append(line)
            }
        }
        return examples.map { command, output in
            let end = output.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
            return ShellExample(command: command, output: Array(output[..<end]))
        }
    }

    /// Whether the example can run without a server.
    var isComplete: Bool {
        command.contains("echo:") || command.hasPrefix("wsline test") && !output.isEmpty
    }

    /// Runs the example and compares its output; if it needs a server, only checks its command lines.
    func check(in folder: Folder) async throws {
        if command.hasPrefix("cat ") {
            let path = folder.path + "/" + command.dropFirst(4)
            try (output.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        } else if isComplete {
            let printed = try await shell("exec 2>&1\n" + command, in: folder)
            #expect(Self.comparable(printed) == Self.comparable(output.joined(separator: "\n")), "\(command)")
        } else {
            try await checkCommandLines(in: folder)
        }
    }

    /// Parses the wsline command lines of the example without running anything.
    private func checkCommandLines(in folder: Folder) async throws {
        let stub = "PATH=; exec 2> /dev/null; wsline() { printf '%s\\0' \"$@\" $'\\n'; }\n"
        let said = try await shell(stub + command.replacing(/\s[<>]+\s?[^\s'"]+/, with: "") + "\ntrue", in: folder)
        let lines = said.split(separator: "\0\n\0").map { $0.split(separator: "\0").map(String.init) }
        #expect(!lines.isEmpty || !command.contains("wsline "), "\(command)")
        for arguments in lines {
            do {
                _ = try Wsline.parseAsRoot(WscatArguments.translate(arguments))
            } catch {
                // Help and similar requests are thrown as errors, too.
                #expect(Wsline.exitCode(for: error) == .success, "\(command): \(Wsline.message(for: error))")
            }
        }
    }

    private func shell(_ script: String, in folder: Folder) async throws -> String {
        let environment = ProcessInfo.processInfo.environment.merging([
            "PATH": Program.folder.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? ""),
            "HOME": folder.path, "LC_ALL": "C.UTF-8",
        ]) { $1 }
        let arguments = ["-c", "cd \"$0\"\n" + script, folder.path]
        let process = try ChildProcess("/bin/bash", arguments, environment: environment, readsError: false)
        try process.input.close()
        let output = await ChildProcess.onThread { (try? process.output.readToEnd()) ?? Data() }
        _ = await process.status()
        return String(decoding: output, as: UTF8.self)
    }

    /// Returns the text without times and ports, which differ from run to run.
    private static func comparable(_ text: String) -> String {
        text.replacing(/[0-9.]+ m?s\b/, with: "TIME").replacing(/127\.0\.0\.1:[0-9]+/, with: "ADDRESS")
            .trimmingCharacters(in: .newlines)
    }
}
