import MessageText

/// The parsed argument of `/filter`.
enum FilterChange: Equatable {
    case list
    case off
    case add(MessageFilter.Condition)

    /// Parses the argument.
    ///
    /// - Throws: `SlashCommand.Invalid` for an invalid pattern.
    init(_ argument: String) throws(SlashCommand.Invalid) {
        switch argument.trimmingSpaces {
        case "": self = .list
        case "off": self = .off
        case let text:
            do throws(InvalidValue) {
                self = .add(try MessageFilter.Condition(typed: String(text)))
            } catch {
                throw SlashCommand.Invalid(message: "invalid filter: \(error)")
            }
        }
    }

    /// Changes a filter.
    ///
    /// - Returns: the lines to print.
    /// - Throws: `SlashCommand.Invalid` if there are too many conditions.
    func apply(to filter: inout MessageFilter) throws(SlashCommand.Invalid) -> [String] {
        switch self {
        case .list: break
        case .off: filter = MessageFilter()
        case .add(let condition):
            do throws(InvalidValue) {
                try filter.add(condition)
            } catch {
                throw SlashCommand.Invalid(message: "\(error); /filter off removes them")
            }
        }
        if filter.isEmpty { return ["no filter; /filter PATTERN shows only messages that match"] }
        return filter.conditions.map { "filter \($0)" }
    }
}

/// The parsed argument of `/on`.
enum RuleChange: Equatable {
    case list
    /// Removes the rule with a pattern; nil for all rules.
    case off(String?)
    case add(ReplyRule)

    /// Parses the argument.
    ///
    /// - Throws: `SlashCommand.Invalid` for an invalid rule.
    init(_ argument: String) throws(SlashCommand.Invalid) {
        let words = argument.split(separator: " ", maxSplits: 1)
        switch words.first {
        case nil: self = .list
        case "off": self = .off(words.count > 1 ? String(words[1].trimmingSpaces) : nil)
        default:
            do throws(InvalidValue) {
                self = .add(try ReplyRule(typed: argument))
            } catch {
                throw SlashCommand.Invalid(message: "invalid rule: \(error)")
            }
        }
    }

    /// Changes rules.
    ///
    /// - Returns: the lines to print.
    /// - Throws: `SlashCommand.Invalid` if there are too many rules, or none to remove.
    func apply(to rules: ReplyRules) throws(SlashCommand.Invalid) -> [String] {
        switch self {
        case .list: break
        case .off(let pattern):
            if !rules.remove(pattern), let pattern {
                throw SlashCommand.Invalid(message: "no rule has the pattern \"\(pattern)\"; /on lists the rules")
            }
        case .add(let rule):
            do throws(InvalidValue) {
                try rules.add(rule)
            } catch {
                throw SlashCommand.Invalid(message: "\(error); /on off removes them")
            }
        }
        let lines = rules.all.map { "on \($0.line)" }
        return lines.isEmpty ? ["no rules; /on PATTERN TEXT answers messages that match"] : lines
    }
}
