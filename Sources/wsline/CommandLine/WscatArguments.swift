/// wscat's command lines in our words: `-c URL` and `--connect URL` are the URL itself, `-l PORT` and `--listen PORT` are
/// `serve PORT`; and options whose value may be left out get one that stands for none.
enum WscatArguments {
    /// Returns the arguments with wscat's spellings replaced.
    static func translate(_ arguments: [String]) -> [String] {
        var result: [String] = []
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { return result + arguments[index...] }
            // The value of an option that takes any value is not an option, whatever it looks like.
            let isValue = index > 0 && takesNext(arguments[index - 1], argument)
            if isValue {
                result.append(argument)
            } else if argument.hasPrefix("--connect=") {
                result.append(String(argument.dropFirst("--connect=".count)))
            } else if let option = optionsWithOptionalValue[argument] {
                // The argument parser knows no option that may stand alone.
                let next = index + 1 < arguments.count ? arguments[index + 1] : nil
                result.append(next.map(option.isValue) == true ? argument : argument + "=" + option.standIn)
            } else if argument == "-l" || argument == "--listen" {
                result.insert("serve", at: 0)
            } else if argument.hasPrefix("--listen=") {
                result.insert("serve", at: 0)
                result.append(String(argument.dropFirst("--listen=".count)))
            } else if argument != "-c", argument != "--connect" {
                result.append(argument)
            }
        }
        return result
    }

    private static func takesNext(_ option: String, _ value: String) -> Bool {
        optionsTakingAnyValue.contains(option) || optionsWithOptionalValue[option]?.isValue(value) == true
    }

    private static let optionsTakingAnyValue: Set<String> = ["-x", "--execute", "-H", "--header"]

    /// Options whose value may be left out, what looks like one, and what stands for none.
    private static let optionsWithOptionalValue: [String: (isValue: @Sendable (String) -> Bool, standIn: String)] = [
        "--passphrase": ({ !$0.hasPrefix("-") && !$0.contains("://") }, "-"),
        "--reconnect": ({ Int($0) != nil || $0 == "inf" }, "inf"),
    ]
}
