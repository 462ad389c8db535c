import CPOSIX
import MessageText
import NIOCore

/// A command that looks back at earlier messages.
enum ScrollbackCommand: Equatable {
    case show(Scrollback.Reference?)
    case save(file: String, Scrollback.Reference?)
    case find(SearchPattern)
    case copy(Scrollback.Reference?)

    /// Parses the arguments of a command; returns nil for any other command.
    ///
    /// - Throws: `SlashCommand.Invalid` for an invalid argument.
    init?(_ name: CommandName, _ argument: String) throws(SlashCommand.Invalid) {
        switch name {
        case .show: self = .show(try Self.reference(argument))
        case .copy: self = .copy(try Self.reference(argument))
        case .find: self = .find(try SearchPattern(typed: try SlashCommand.required(argument, name)))
        case .save:
            let argument = try SlashCommand.required(argument, name)
            if let space = argument.lastIndex(of: " "),
                let reference = try? Self.reference(String(argument[argument.index(after: space)...]))
            {
                self = .save(file: String(argument[..<space].trimmingSpaces), reference)
            } else {
                self = .save(file: argument, nil)
            }
        default: return nil
        }
    }

    /// Parses a number, or a negative one that counts back from the newest incoming message.
    private static func reference(_ text: String) throws(SlashCommand.Invalid) -> Scrollback.Reference? {
        let text = text.trimmingSpaces
        guard !text.isEmpty else { return nil }
        switch Int(text) {
        case let number? where number > 0: return .number(number)
        case let number? where number < 0 && number > -Scrollback.messageLimit: return .back(-number)
        default:
            throw SlashCommand.Invalid(
                message: "invalid message number \"\(text)\"; use a number such as 12, or -2 for the last but one"
            )
        }
    }
}

/// What `/find` looks for: a text that messages contain, or a regular expression.
enum SearchPattern: Equatable, Sendable {
    case text(String)
    case regex(RegularExpression, source: String)

    /// Parses TEXT or ~REGEX.
    ///
    /// - Throws: `SlashCommand.Invalid` for an invalid regular expression.
    init(typed text: String) throws(SlashCommand.Invalid) {
        guard text.hasPrefix("~") else {
            self = .text(text)
            return
        }
        do throws(InvalidValue) {
            self = .regex(try RegularExpression(String(text.dropFirst())), source: text)
        } catch {
            throw SlashCommand.Invalid(message: error.description)
        }
    }

    static func == (left: SearchPattern, right: SearchPattern) -> Bool { left.source == right.source }

    /// The pattern as typed.
    var source: String {
        switch self {
        case .text(let text): text
        case .regex(_, let source): source
        }
    }

    /// Returns an excerpt of a message that matches, and nil for any other.
    func excerpt(of message: Scrollback.Message) -> String? {
        switch self {
        case .text(let text):
            return message.payload.withUnsafeReadableBytes { bytes in
                guard let found = Self.offset(of: text, in: bytes) else { return nil }
                guard message.isText else { return Excerpt.of(bytes) }
                // Begin a little before the match, at the start of a character.
                var start = max(0, found - 40)
                while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
                let shown = String(decoding: bytes[start...].prefix(1000), as: UTF8.self)
                return (start > 0 ? "…" : "") + Excerpt.start(of: shown, 200)
            }
        case .regex(let expression, _):
            guard message.isText else { return nil }
            let text = String(decoding: message.payload.readableBytesView, as: UTF8.self)
            return (try? expression.matches(text)) == true ? Excerpt.start(of: text, 200) : nil
        }
    }

    private static func offset(of text: String, in bytes: UnsafeRawBufferPointer) -> Int? {
        var text = text
        return text.withUTF8 { text in
            guard let base = bytes.baseAddress, let wanted = text.baseAddress else { return nil }
            var start = 0
            while start + text.count <= bytes.count,
                let next = memchr(base + start, Int32(wanted[0]), bytes.count - text.count + 1 - start)
            {
                let offset = UnsafeRawPointer(next) - base
                if memcmp(next, wanted, text.count) == 0 { return offset }
                start = offset + 1
            }
            return nil
        }
    }
}
