import MessageText
import Synchronization
import TestScript

/// The snippets of a session: messages with names, which `/NAME` sends.
final class Snippets: Sendable {
    private let texts: Mutex<[String: Snippet]>
    private let variables: [String: String]

    /// Creates the snippets of a session.
    ///
    /// - Parameters:
    ///   - snippets: the snippets by name.
    ///   - variables: the variables that they can contain, in addition to those of the environment.
    init(_ snippets: [String: Snippet] = [:], variables: [String: String] = [:]) {
        texts = Mutex(snippets)
        self.variables = variables
    }

    /// The names, sorted.
    var names: [String] { texts.withLock { $0.keys.sorted() } }

    /// The lines that `/snippets` prints.
    var lines: [String] {
        let all = texts.withLock { $0 }
        let width = all.keys.map(\.count).max() ?? 0
        return all.sorted { $0.key < $1.key }.map { name, snippet in
            let note = CommandName(rawValue: name) == nil ? "" : " (not available: /\(name) is a command)"
            return name + String(repeating: " ", count: width + 2 - name.count) + snippet.text + note
        }
    }

    /// Adds or replaces a snippet.
    ///
    /// - Throws: `SlashCommand.Invalid` for the name of a command or an invalid text.
    func add(_ name: String, _ text: String) throws(SlashCommand.Invalid) {
        guard Snippet.isName(name), CommandName(rawValue: name) == nil else {
            let reason = CommandName(rawValue: name) == nil ? "use letters, digits, - and _" : "it is a command"
            throw SlashCommand.Invalid(message: "invalid snippet name \"\(name)\": \(reason)")
        }
        do throws(InvalidValue) {
            let snippet = try Snippet(text)
            texts.withLock { $0[name] = snippet }
        } catch {
            throw SlashCommand.Invalid(message: "invalid snippet \"\(text)\": \(error)")
        }
    }

    /// Returns the message that a typed line sends; nil if it is not the name of a snippet.
    ///
    /// - Throws: `SlashCommand.Invalid` if arguments or variables are missing.
    func message(_ line: String) throws(SlashCommand.Invalid) -> String? {
        guard case .command(let command) = LineKind(line) else { return nil }
        let name = String(command.prefix { $0 != " " })
        guard CommandName(rawValue: name) == nil, let snippet = texts.withLock({ $0[name] }) else { return nil }
        do throws(InvalidValue) {
            let argument = String(command.dropFirst(name.count).trimmingSpaces)
            return try snippet.message(argument) { variables[$0] ?? StandardStreams.variable($0) }
        } catch {
            throw SlashCommand.Invalid(message: "not sent: /\(name) \(error)")
        }
    }
}

/// The text of a snippet, with `$1` to `$9` for arguments and `${NAME}` for variables.
struct Snippet: Sendable {
    private enum Piece {
        case template(Template)
        case argument(Int)
    }

    /// The text as written.
    let text: String
    private let pieces: [Piece]
    /// The number of arguments.
    private let count: Int

    /// Parses a text; `$$1` stands for a literal `$1`.
    ///
    /// - Throws: `InvalidValue` for a malformed variable.
    init(_ text: String) throws(InvalidValue) {
        var pieces: [Piece] = []
        var count = 0
        var plain = ""
        func template() throws(InvalidValue) -> Piece {
            do throws(Template.Invalid) {
                return .template(try Template(plain))
            } catch {
                throw InvalidValue("expected ${NAME}, or $${ for a literal ${")
            }
        }
        var rest = text[...]
        while let first = rest.popFirst() {
            let digit = rest.first.flatMap { "1"..."9" ~= $0 ? $0.wholeNumberValue : nil }
            guard first == "$", let digit else {
                plain.append(first)
                continue
            }
            rest = rest.dropFirst()
            if plain.last == "$" {
                plain.append("\(digit)")
            } else {
                pieces += [try template(), .argument(digit)]
                (plain, count) = ("", max(count, digit))
            }
        }
        pieces.append(try template())
        (self.text, self.pieces, self.count) = (text, pieces, count)
    }

    /// Returns the message.
    ///
    /// - Parameters:
    ///   - argument: the arguments, separated by spaces; the last one is the rest of the line.
    ///   - variable: returns the value of a variable.
    /// - Returns: the message.
    /// - Throws: `InvalidValue` if an argument or a variable is missing.
    func message(_ argument: String, _ variable: (String) -> String?) throws(InvalidValue) -> String {
        let arguments = argument.split(separator: " ", maxSplits: max(0, count - 1)).map { String($0.trimmingSpaces) }
        guard arguments.count == count || count == 0 && argument.isEmpty else {
            let wanted = count == 0 ? "takes no arguments" : "requires \(count) argument\(count == 1 ? "" : "s")"
            throw InvalidValue("\(wanted): \(text)")
        }
        var message = ""
        for piece in pieces {
            switch piece {
            case .argument(let number): message += arguments[number - 1]
            case .template(let template):
                if let name = template.variables.first(where: { variable($0) == nil }) {
                    throw InvalidValue(
                        "needs the variable \(name); set it in [variables] of the configuration file or in the environment"
                    )
                }
                message += try template.expanded(variable)
            }
        }
        return message
    }

    /// Whether a word can be the name of a snippet or a profile.
    static func isName(_ word: some StringProtocol) -> Bool {
        !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }
}
