import MessageText

/// The value of a variable in a `set` statement.
package enum ValueSource: Equatable, Sendable {
    case text(Template)
    /// A value of the last message that was received.
    case path(ScriptPath)
    /// The standard output of a command, or a value of the JSON that it prints.
    case command(String, ScriptPath?)
}

/// A JSONPath of a script.
package struct ScriptPath: Equatable, Sendable {
    let path: JSONPath

    package static func == (left: ScriptPath, right: ScriptPath) -> Bool {
        left.path.source.utf8.elementsEqual(right.path.source.utf8)
    }

    /// Returns the only value that the path selects, as text.
    ///
    /// - Throws: `InvalidValue` if the text is not JSON, or the path does not select exactly one value.
    func value(in text: String) throws(InvalidValue) -> String {
        let nodes = try path.select(in: try JSONValue(message: text))
        guard nodes.count == 1, let value = nodes.first?.value else {
            let count = nodes.isEmpty ? "no value" : "\(nodes.count) values"
            throw InvalidValue("\(path.source) selects \(count) in \(Excerpt.of(text))")
        }
        return value.variableText
    }
}

extension JSONValue {
    /// Parses a message.
    ///
    /// - Throws: `InvalidValue` if it is not JSON.
    init(message text: String) throws(InvalidValue) {
        do throws(JSONSyntaxError) {
            self = try JSONParser.parse(text.utf8)
        } catch {
            throw InvalidValue("the text is \(error): \(Excerpt.of(text))")
        }
    }

    /// The value as the text of a variable: a string without its quotes, anything else as JSON.
    var variableText: String { if case .string(let text) = self { text } else { description } }
}
