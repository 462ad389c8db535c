import Foundation
import TestSupport

/// A page of the manual, parsed from the subset of mdoc that the tests need.
struct ManualPage {
    /// An item of a list.
    struct Item {
        /// The section and subsection of the item.
        let section: String
        let subsection: String
        /// The words after `.It`.
        let head: [Substring]
        /// The text of the item, without macros.
        var text = ""

        /// The options in the head: `Fl x , -execute` yields `-x` and `--execute`.
        var options: [String] { words(of: "Fl").map { "-" + $0 } }
        /// Whether the head contains a value.
        var hasValue: Bool { head.contains("Ar") }
        /// The command in the head, such as `/close` or `ping / pong`.
        var command: String {
            head.first == "Ic" ? head.dropFirst().prefix { !isMacro($0) }.joined(separator: " ") : ""
        }
        /// The arguments after the command: `/close [code [reason]]` yields `code` and `reason`.
        var arguments: [String] {
            head.drop { $0 == "Ic" }.drop { !isMacro($0) }
                .filter { !isMacro($0) && $0.contains(where: \.isLetter) }.map(String.init)
        }

        /// Returns the words after a macro, up to the next macro.
        func words(of macro: Substring) -> [String] {
            var current: Substring = ""
            var words: [String] = []
            for word in head {
                if isMacro(word) { current = word } else if current == macro, word != "," { words.append(String(word)) }
            }
            return words
        }
    }

    private(set) var items: [Item] = []
    /// The literal displays of each section, line by line.
    private(set) var displays: [String: [[String]]] = [:]
    /// The source of each section, by `SECTION` and `SECTION/Subsection`.
    private(set) var sources: [String: String] = [:]

    /// Parses a page.
    ///
    /// - Parameter name: the name of the file in `Man`.
    /// - Throws: an error of Foundation if the file cannot be read.
    init(_ name: String) throws {
        let source = try String(contentsOf: SourceTree.root.appendingPathComponent("Man/\(name)"), encoding: .utf8)
        var section = ""
        var subsection = ""
        var display: [String]?
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(separator: " ")
            switch words.first {
            case ".Ed":
                displays[section, default: []].append(display ?? [])
                display = nil
            case _ where display != nil: display?.append(plain(line))
            case ".Bd": display = []
            case ".Sh":
                section = words.dropFirst().joined(separator: " ")
                subsection = ""
            case ".Ss": subsection = words.dropFirst().joined(separator: " ")
            case ".It":
                items.append(Item(section: section, subsection: subsection, head: Array(words.dropFirst())))
            case ".El": break
            default:
                if !items.isEmpty { items[items.count - 1].text += plain(line) + " " }
                sources[subsection.isEmpty ? section : "\(section)/\(subsection)", default: ""] += line + "\n"
            }
        }
    }
}

/// Returns a line without escapes and without its macro.
private func plain(_ line: Substring) -> String {
    var text = String(line)
    if text.hasPrefix(".") { text = String(text.dropFirst(4)) }
    for (escape, character) in [("\\-", "-"), ("\\(dq", "\""), ("\\&", ""), ("\\e", "\\")] {
        text = text.replacing(escape, with: character)
    }
    return text
}

/// Whether a word of a macro line is itself a macro.
private func isMacro(_ word: Substring) -> Bool {
    word.count == 2 && word.first?.isUppercase == true && word.last?.isLowercase == true
}
