import Foundation
import ProcessSupport
import TestSupport
import Testing

@testable import wsline

/// Tests that the README and the program agree.
@Suite(.fewAtATime) struct ReadmeTests {
    private let lines: [Substring]

    init() throws {
        let readme = SourceTree.root.appendingPathComponent("README.md")
        lines = try String(contentsOf: readme, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test("The examples print the documented output, and those that need a server have valid command lines")
    func examples() async throws {
        let folder = try ShellExample.Folder()
        // A display ends at a line that is neither indented nor empty.
        let displays = lines.split { !$0.hasPrefix("    ") && !$0.isEmpty }
        let examples = displays.flatMap { lines in
            ShellExample.all(in: lines.map { String($0.dropFirst(4)) })
        }
        #expect(examples.count { $0.isComplete } >= 4)
        #expect(examples.count > 15)
        for example in examples { try await example.check(in: folder) }
    }

    @Test("Every other wsline command line in the README is valid")
    func commandLines() async throws {
        let folder = try ShellExample.Folder()
        let code = lines.flatMap { line in
            let spans = line.matches(of: /`([^`]+)`/).map { String($0.output.1) }
            let step = line.firstMatch(of: /^ +- (?:run: )?(wsline .*)/).map { String($0.output.1) }
            return (spans + [step].compactMap { $0 }).filter { $0.hasPrefix("wsline ") }
        }
        #expect(code.count > 15)
        for command in code { try await ShellExample(command: command, output: []).check(in: folder) }
    }

    @Test("The command that runs wsline and the command that runs the tests are the ones that .ci/run runs")
    func setUp() throws {
        let commands = lines.filter { $0.hasPrefix("    apt-get ") }
        #expect(commands.count == 2)
        #expect(commands.first?.hasSuffix(" && .ci/build-release && .build-package/wsline echo:") == true)
        #expect(commands.last?.hasSuffix(" && swift test") == true)
        let script = try String(contentsOf: SourceTree.root.appendingPathComponent(".ci/run"), encoding: .utf8)
        let steps = script.split(separator: "\n")
        #expect(steps.contains(#"mapfile -t commands < <(sed -n 's/^    \(apt-get .*\)/\1/p' README.md)"#))
        for index in commands.indices {
            #expect(steps.contains { $0.contains("bash -euc \"${commands[\(index)]}\"") })
        }
        // Nor does it have a copy of them.
        #expect(!steps.contains { $0.hasSuffix("/build-release") || $0.contains("swift test") })
    }

    @Test("The README lists the exit statuses of the manual")
    func exitStatuses() throws {
        let rows = lines.drop { $0 != "| status | when |" }.dropFirst(2).prefix { $0.hasPrefix("|") }
        let statuses = rows.compactMap { $0.firstMatch(of: /[0-9]+/).map { String($0.output) } }
        let manual = try ManualPage("wsline.1").items.filter { $0.section == "EXIT STATUS" }.map { String($0.head[0]) }
        // The manual documents all signals, the README only SIGINT.
        #expect(statuses == manual.dropLast() + ["130"])
    }

    @Test("The README and the changelog name the current version")
    func version() throws {
        let named = lines.joined(separator: "\n").matches(of: /wsline_([0-9.]+)_amd64/).map { $0.output.1 }
        #expect(Set(named) == [Substring(Wsline.version)])
        let path = SourceTree.root.appendingPathComponent("Man/CHANGELOG.md")
        let changelog = try String(contentsOf: path, encoding: .utf8)
        let newest = changelog.firstMatch(of: /\n## \[([0-9.]+)\] - [0-9]{4}-[0-9]{2}-[0-9]{2}\n/)
        #expect(newest?.output.1 == Substring(Wsline.version))
    }

    @Test("The links in the README point to existing files")
    func links() throws {
        let text = lines.joined(separator: "\n")
        for match in text.matches(of: /\]\(([A-Za-z][^):]*)\)/) {
            let path = SourceTree.root.appendingPathComponent(String(match.output.1)).path
            #expect(FileManager.default.fileExists(atPath: path), "\(match.output.1)")
        }
    }
}
