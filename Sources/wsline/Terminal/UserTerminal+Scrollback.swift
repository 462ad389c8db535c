import CPOSIX
import Dispatch
import LineEditor
import MessageText
import NIOCore
import SystemPackage
import TestScript

#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// Commands that look back at earlier messages.
extension UserTerminal {
    /// The longest message to copy, in bytes: common terminals ignore control sequences longer than 100,000 bytes.
    private static let copyLimit = 74_994
    /// The number of matches that `/find` lists.
    private static let matchLimit = 100
    /// How long `/find` may take, in seconds.
    private static let searchTime = Duration.seconds(10)

    func perform(_ command: ScrollbackCommand, _ scrollback: Scrollback) {
        do throws(InvalidValue) {
            switch command {
            case .show(let reference): show(try scrollback.message(reference))
            case .save(let file, let reference): save(try scrollback.message(reference), to: file)
            case .copy(let reference): try copy(try scrollback.message(reference))
            case .find(let pattern):
                try scrollback.checkIsKept()
                find(pattern, scrollback)
            }
        } catch {
            say("\(error)", .red)
        }
    }

    // MARK: Showing

    /// Shows a whole message: above the line, or in a pager if it is taller than the screen.
    private func show(_ message: Scrollback.Message) {
        var settings = display
        settings.pretty = true
        // Indenting a long message takes time.
        DispatchQueue(label: "show").async { [settings, terminal, printer, outputIsTerminal, screen] in
            var rendered = Array(PayloadRenderer.colored(.dim, message.description, settings).utf8)
            rendered.append(UInt8(ascii: "\n"))
            message.append(to: &rendered, settings)
            let (columns, rows) = (Terminal.columns(of: screen), Terminal.rows(of: screen))
            let isLong = message.payload.readableBytes > 1 << 16
            guard isLong || message.height(settings, columns: columns) + 1 >= rows else {
                return terminal.enqueue(rendered)
            }
            Task { [rendered] in
                await terminal.lend { _ in
                    do throws(Failure) {
                        try Self.page(rendered, outputIsTerminal: outputIsTerminal)
                    } catch {
                        printer(VisibleText.line(error.message), .red)
                    }
                    return nil
                }
            }
        }
    }

    /// Shows a text in the user's pager.
    private static func page(_ text: [UInt8], outputIsTerminal: Bool) throws(Failure) {
        let path = try TerminalProgram.makeFile(text)
        defer { unlink(path) }
        let pager = StandardStreams.variable("PAGER").flatMap { $0.isEmpty ? nil : $0 } ?? "less"
        // The text has color sequences, which less shows as such with -R only.
        let output = outputIsTerminal ? "" : " > /dev/tty"
        let command = "LESS=\"${LESS--R}\"; export LESS; { \(pager)\n} < \"$1\"" + output
        let status = try TerminalProgram.run(command, path)
        // A pager that is quit early may be ended by SIGPIPE.
        guard status == 0 || status == 128 + SIGPIPE else {
            throw Failure(.lost, "\"\(pager)\" failed with status \(status); set PAGER to another pager")
        }
    }

    // MARK: Saving and copying

    private func save(_ message: Scrollback.Message, to file: String) {
        DispatchQueue(label: "file").async { [printer] in
            do {
                let descriptor = try FileDescriptor.open(
                    UserPath.expand(file),
                    .writeOnly,
                    options: [.create, .exclusiveCreate, .closeOnExec],
                    permissions: .ownerReadWrite
                )
                try descriptor.closeAfter { _ = try descriptor.writeAll(message.payload.readableBytesView) }
                printer(VisibleText.line("saved message \(message.number) to \(file): \(message.size)"), .dim)
            } catch Errno.fileExists {
                printer(VisibleText.line("not saved: \"\(file)\" exists; choose another name"), .red)
            } catch {
                let reason = SystemCallError.words(of: error as? Errno ?? .ioError)
                printer(VisibleText.line("cannot save to \"\(file)\": \(reason)"), .red)
            }
        }
    }

    /// Asks the terminal to copy a message to the clipboard (OSC 52).
    private func copy(_ message: Scrollback.Message) throws(InvalidValue) {
        guard message.payload.readableBytes <= Self.copyLimit else {
            throw InvalidValue(
                "not copied: message \(message.number) has \(message.payload.readableBytes) bytes, and terminals accept "
                    + "\(Self.copyLimit); use /save FILE \(message.number)"
            )
        }
        let encoded = Data(message.payload.readableBytesView).base64EncodedString()
        terminal.write(controlSequence: "\u{1B}]52;c;\(encoded)\u{07}")
        say("copied message \(message.number), \(message.size), if the terminal allows it")
    }

    // MARK: Finding

    private func find(_ pattern: SearchPattern, _ scrollback: Scrollback) {
        let search = loop.makeFutureWithTask {
            // A regular expression may take forever for one message.
            await AbandonableWork.run(within: Self.searchTime + .seconds(1)) {
                Self.matches(of: pattern, in: scrollback)
            }
        }
        search.assumeIsolated().whenSuccess { [weak self] found in
            guard let found else { self?.say("the search took too long; nothing was found", .red); return }
            let count = scrollback.numbers.count
            let none = count == 0 ? "there are no messages yet" : "no message of \(count) matches \(pattern.source)"
            self?.say(found.isEmpty ? [none] : found)
        }
    }

    /// Returns a line for each of the last messages that match.
    private static func matches(of pattern: SearchPattern, in scrollback: Scrollback) -> [String] {
        let end = ContinuousClock.now + searchTime
        var matches: [String] = []
        var count = 0
        scrollback.forEach { message in
            guard let excerpt = pattern.excerpt(of: message) else { return ContinuousClock.now < end }
            count += 1
            matches.append("\(message.label) \(excerpt)")
            if matches.count >= 2 * matchLimit { matches.removeFirst(matchLimit) }
            return ContinuousClock.now < end
        }
        let shown = Array(matches.suffix(matchLimit))
        return count > shown.count ? ["the last \(shown.count) of \(count) messages that match"] + shown : shown
    }
}

extension Scrollback.Message: CustomStringConvertible {
    /// The size in words.
    var size: String { "\(payload.readableBytes) byte\(payload.readableBytes == 1 ? "" : "s")" }

    /// The number, time and direction, before an excerpt.
    var label: String {
        "\(number) \(Timestamp(time).timeOfDay) \(client.map(String.init) ?? "")\(direction == .sent ? ">" : "<")"
    }

    /// The line above the whole message.
    var description: String {
        let peer = client.map { " \(direction == .sent ? "to" : "from") client \($0)" } ?? ""
        return "message \(number), \(direction.rawValue) \(Timestamp(time).timeOfDay)\(peer), "
            + "\(isText ? "text" : "binary"), \(size)"
    }

    /// Appends the whole message, for a terminal.
    func append(to output: inout [UInt8], _ settings: DisplaySettings) {
        let renderer = PayloadRenderer(destination: .terminal, settings: settings)
        payload.withUnsafeReadableBytes { renderer.append($0, isText: isText, to: &output) }
    }

    /// Returns the number of rows that the message takes at a terminal.
    func height(_ settings: DisplaySettings, columns: Int) -> Int {
        var plain = settings
        plain.isColored = false
        var output: [UInt8] = []
        append(to: &output, plain)
        return String(decoding: output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().reduce(0) { $0 + max(1, ($1.count + columns - 1) / columns) }
    }
}
