import MessageText
import WebSocketProtocol

/// Checks of messages and other arguments.
extension ScriptCheck {
    mutating func checkArgument(of statement: Statement) {
        for content in statement.step.contents { check(content, statement) }
        for pattern in statement.step.patterns { check(pattern, statement) }
        switch statement.step {
        case .ping(let data):
            if let text = expanded(data), text.utf8.count > Endpoint.maximumControlPayload {
                add(statement, "a ping holds \(Endpoint.maximumControlPayload) bytes, and these are \(text.utf8.count)")
            }
        case .close(let code, let reason):
            guard let text = expanded(reason) else { return }
            do throws(CloseFrame.Invalid) {
                _ = try CloseFrame(code: code, reason: text)
            } catch {
                add(statement, "\(error)")
            }
        default: break
        }
    }

    /// Checks a pattern, and adds the variables that it captures.
    mutating func check(_ pattern: MessagePattern, _ statement: Statement) {
        switch pattern {
        case .exact(let content): check(content, statement)
        case .json(let template):
            guard let text = expanded(template) else { return }
            do throws(JSONParser.Failure) {
                _ = try JSONParser.parse(text.utf8, isPattern: true)
            } catch {
                let offset = String(decoding: text.utf8.prefix(error.offset), as: UTF8.self).count
                let column = statement.column + (template.variables.isEmpty ? offset : 0)
                problems.append(statement.line.problem(at: column, "not JSON: expected \(error.expected)"))
            }
        case .regex(let template): checkRegex(template, statement)
        }
    }

    mutating func check(_ content: Content, _ statement: Statement) {
        guard let text = expanded(content.template) else { return }
        switch content {
        case .text: break
        case .hex:
            do throws(InvalidValue) {
                _ = try HexDigits.bytes(text)
            } catch {
                add(statement, "\(error)")
            }
        case .file: checkReadable(UserPath.resolve(text, in: folder), statement)
        }
    }

    mutating func checkRegex(_ template: Template, _ statement: Statement) {
        // Captured values are matched literally, so a single letter can represent them.
        do throws(InvalidValue) {
            let text = try template.expanded { name in
                captured.contains(name) ? "x" : variable(name).map(RegularExpression.literal)
            }
            captured.formUnion(try RegularExpression(text).groupNames)
        } catch {
            add(statement, "\(error)")
        }
    }
}
