import MessageText

/// The source of a variable's value in a `set` statement.
package enum ValueSource: Equatable, Sendable {
    case text(Template)
    /// A value in the last received message.
    case path(ScriptPath)
    /// The standard output of a command, or a value in the JSON that it prints.
    case command(String, ScriptPath?)
}

/// A JSONPath in a script.
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

    /// The text of the value for a variable: strings without quotes, all other values as JSON.
    var variableText: String { if case .string(let text) = self { text } else { description } }
}
