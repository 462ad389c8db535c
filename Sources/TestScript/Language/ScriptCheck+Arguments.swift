import MessageText
import WebSocketProtocol

/// Validation of messages and other arguments.
extension ScriptCheck {
    mutating func checkArgument(of statement: Statement) {
        for content in statement.step.contents { check(content, statement) }
        for pattern in statement.step.patterns { check(pattern, statement) }
        switch statement.step {
        case .set(let name, _): captured.insert(name)
        case .loop(let loop): check(loop, statement)
        case .check(_, let template):
            guard let text = expanded(template) else { return }
            do throws(InvalidValue) {
                _ = try JSONPredicate(text)
            } catch {
                add(statement, "\(error)")
            }
        case .ping(let data):
            if let text = expanded(data), text.utf8.count > Endpoint.maximumControlPayload {
                add(
                    statement,
                    "the ping is \(text.utf8.count) bytes long; the maximum is \(Endpoint.maximumControlPayload)"
                )
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

    /// Checks a pattern and records the variables that it captures.
    mutating func check(_ pattern: MessagePattern, _ statement: Statement) {
        switch pattern {
        case .exact(let content): check(content, statement)
        case .json(let template):
            // A digit is a valid stand-in for most values that are captured later.
            let text = try? template.expanded { captured.contains($0) ? "0" : variable($0) }
            do throws(JSONSyntaxError) {
                captured.formUnion(try JSONPattern(text ?? "*").captureNames)
            } catch {
                add(error, in: template, statement)
            }
        case .regex(let template), .binaryRegex(let template): checkRegex(template, statement)
        case .bytes(let template):
            // A byte is a valid stand-in for most values that are captured later.
            let text = try? template.expanded { captured.contains($0) ? "00" : variable($0) }
            do throws(InvalidValue) {
                captured.formUnion(try BytePattern(text ?? "").groupNames)
            } catch {
                if expanded(template) != nil { add(statement, "\(error)") }
            }
        }
    }

    /// Adds a problem at the position of an error, unless the JSON contains values that are captured later.
    private mutating func add(_ error: JSONSyntaxError, in template: Template, _ statement: Statement) {
        guard let text = expanded(template) else { return }
        let offset = String(decoding: text.utf8.prefix(error.offset), as: UTF8.self).count
        let place = template.isConstant ? offset : 0
        problems.append(statement.problem(atOffset: place, "invalid JSON: expected \(error.expected)"))
    }

    private mutating func check(_ loop: Loop, _ statement: Statement) {
        switch loop.kind {
        case .values(let name, _): captured.insert(name)
        case .count(let template):
            guard let text = expanded(template) else { return }
            do throws(InvalidValue) {
                _ = try Loop.count(text)
            } catch {
                add(statement, "\(error)")
            }
        }
    }

    mutating func check(_ content: Content, _ statement: Statement) {
        guard let text = expanded(content.template) else { return }
        switch content {
        case .text: break
        case .json(let template, _):
            do throws(JSONSyntaxError) {
                _ = try JSONParser.parse(text.utf8)
            } catch {
                add(error, in: template, statement)
            }
        case .hex, .base64, .bytes:
            do throws(InvalidValue) {
                _ = try ScriptMessage(content, text)
            } catch {
                add(statement, "\(error)")
            }
        case .file: checkReadable(UserPath.resolve(text, in: folder), statement)
        }
    }

    mutating func checkRegex(_ template: Template, _ statement: Statement) {
        // Captured values are matched literally, so a single letter can stand in for them.
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
