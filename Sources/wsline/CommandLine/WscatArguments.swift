/// Translates wscat's command lines: `-c URL` and `--connect URL` become the URL itself, `-l PORT` and `--listen PORT`
/// become `serve PORT`, and `-V` becomes `--version`. Options with an optional value get an explicit default, and a value
/// attached to a letter, as in `-w1`, gets an equals sign.
enum WscatArguments {
    /// Returns the arguments with wscat's spellings replaced.
    static func translate(_ arguments: [String]) -> [String] {
        var result: [String] = []
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { return result + arguments[index...] }
            let words = isValue(index, in: arguments) ? [argument] : translate(argument, at: index, of: arguments)
            if words.first == "serve", argument != "serve" {
                result = ["serve"] + result + words.dropFirst()
            } else {
                result += words
            }
        }
        return result
    }

    /// Whether an argument is the value of the option before it, even if it looks like an option.
    static func isValue(_ index: Int, in arguments: [String]) -> Bool {
        guard index > 0 else { return false }
        let option = arguments[index - 1]
        let takesValue =
            optionsTakingAnyValue.contains(option) || endsWithLetterTakingValue(option)
            || optionsWithOptionalValue[option]?.isValue(arguments[index]) == true
        return takesValue && !isValue(index - 1, in: arguments)
    }

    /// Whether an argument is a letter that takes a value, perhaps after flags: `-bx`.
    private static func endsWithLetterTakingValue(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), let letter = argument.last else { return false }
        return lettersTakingValue.contains(letter) && argument.dropFirst().dropLast().allSatisfy(flags.contains)
    }

    private static func translate(_ argument: String, at index: Int, of arguments: [String]) -> [String] {
        if let option = optionsWithOptionalValue[argument] {
            // ArgumentParser has no options with an optional value.
            let next = index + 1 < arguments.count ? arguments[index + 1] : nil
            return [next.map(option.isValue) == true ? argument : argument + "=" + option.standIn]
        }
        switch argument {
        case "-V": return ["--version"]
        case "--connect": return []
        case "--listen": return ["serve"]
        case _ where argument.hasPrefix("--connect="): return [String(argument.dropFirst("--connect=".count))]
        case _ where argument.hasPrefix("--listen="): return ["serve", String(argument.dropFirst("--listen=".count))]
        case _ where argument.hasPrefix("-"): return group(argument)
        default: return [argument]
        }
    }

    /// Translates a group of letters: `-c` and `-l` after flags or directly before their value, as in `-nc URL` and
    /// `-l8080`, and a value attached to any other letter.
    private static func group(_ argument: String) -> [String] {
        let flags = argument.dropFirst().prefix { self.flags.contains($0) }
        let rest = argument.dropFirst(1 + flags.count)
        let value = rest.dropFirst()
        let before = flags.isEmpty ? [] : ["-" + flags]
        return switch rest.first {
        case "c": before + (value.isEmpty ? [] : [String(value)])
        case "l": ["serve"] + before + (value.isEmpty ? [] : [String(value)])
        case let letter? where lettersTakingValue.contains(letter) && !value.isEmpty:
            // ArgumentParser would read the value as more letters.
            before + ["-\(letter)\(value.hasPrefix("=") ? "" : "=")\(value)"]
        default: [argument]
        }
    }

    /// Warns about websocat's `-n1`: there, `-n` keeps the connection open; here, it accepts any certificate.
    ///
    /// - Returns: the warning; nil if no group combines `-n` with digits.
    static func warning(in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() where !isValue(index, in: arguments) {
            if argument == "--" { return nil }
            let letters = argument.dropFirst()
            guard argument.hasPrefix("-"), letters.contains("n"), letters.allSatisfy(flags.contains) else { continue }
            let digits = letters.filter(\.isNumber)
            guard !digits.isEmpty else { continue }
            return
                "\(argument) includes -n, which accepts any TLS certificate; for websocat's \(argument) use -\(digits)"
        }
        return nil
    }

    /// Short options that take no value.
    static let flags: Set<Character> = ["0", "1", "4", "6", "L", "P", "b", "i", "k", "n", "q", "v"]

    /// Short options that take a value, of all commands.
    static let lettersTakingValue: Set<Character> = ["A", "H", "j", "m", "o", "p", "s", "u", "w", "x"]

    /// Long options whose value can begin with a dash and be any text.
    private static let optionsTakingAnyValue: Set<String> = [
        "--execute", "--header", "--every", "--expect", "--on", "--filter", "--hide", "--select", "--set",
        "--close-reason",
    ]

    /// Options whose value is optional: a predicate for values, and the default.
    private static let optionsWithOptionalValue: [String: (isValue: @Sendable (String) -> Bool, standIn: String)] = [
        "--passphrase": ({ !$0.hasPrefix("-") && !$0.contains("://") }, "-"),
        "--max-redirects": ({ !$0.hasPrefix("-") && !$0.contains(":") || Int($0) != nil }, "10"),
        "--http2": ({ $0 == "try" }, "always"),
        "--timestamps": ({ $0 == "delta" }, "on"),
        "--reconnect": ({ Int($0) != nil || $0 == "inf" }, "inf"),
    ]
}
