import Foundation
import TestSupport

/// A page of the manual, read from its mdoc source: what is asked of it here, and no more of the language.
struct ManualPage {
    /// An entry of a list.
    struct Item {
        /// The section and subsection that it stands in.
        let section: String
        let subsection: String
        /// What stands behind `.It`.
        let head: [Substring]
        /// What stands below it, as plain text.
        var text = ""

        /// The options of the head: `Fl x , -execute` is `-x` and `--execute`.
        var options: [String] { words(of: "Fl").map { "-" + $0 } }
        /// Whether the head has a value.
        var hasValue: Bool { head.contains("Ar") }
        /// The first words of the head, such as `/close` or `ping / pong`.
        var command: String {
            head.first == "Ic" ? head.dropFirst().prefix { !isMacro($0) }.joined(separator: " ") : ""
        }
        /// What the head has behind the command: `/close [code [reason]]` has `code` and `reason`.
        var arguments: [String] {
            head.drop { $0 == "Ic" }.drop { !isMacro($0) }
                .filter { !isMacro($0) && $0.contains(where: \.isLetter) }.map(String.init)
        }

        /// The words behind a macro, up to the next one.
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
    /// The lines of the literal displays of a section.
    private(set) var displays: [String: [[String]]] = [:]
    /// The text of each section, by `SECTION` and `SECTION/Subsection`, macros and all.
    private(set) var sources: [String: String] = [:]

    /// Reads a page.
    ///
    /// - Parameter name: its file in `Man`.
    /// - Throws: what Foundation says when it can't be read.
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

/// A line without its escapes, and without its macro.
private func plain(_ line: Substring) -> String {
    var text = String(line)
    if text.hasPrefix(".") { text = String(text.dropFirst(4)) }
    for (escape, character) in [("\\-", "-"), ("\\(dq", "\""), ("\\&", ""), ("\\e", "\\")] {
        text = text.replacing(escape, with: character)
    }
    return text
}

/// Whether a word of a macro line is a macro itself.
private func isMacro(_ word: Substring) -> Bool {
    word.count == 2 && word.first?.isUppercase == true && word.last?.isLowercase == true
}
