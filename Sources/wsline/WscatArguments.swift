/// wscat's command lines in our words: `-c URL` and `--connect URL` are the URL itself, `-l PORT` and `--listen PORT` are
/// `serve PORT`.
enum WscatArguments {
    /// Returns the arguments with wscat's spellings replaced.
    static func translate(_ arguments: [String]) -> [String] {
        var result: [String] = []
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { return result + arguments[index...] }
            // The value of an option that takes any value is not an option, whatever it looks like.
            let isValue = index > 0 && optionsTakingAnyValue.contains(arguments[index - 1])
            if isValue {
                result.append(argument)
            } else if argument.hasPrefix("--connect=") {
                result.append(String(argument.dropFirst("--connect=".count)))
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

    private static let optionsTakingAnyValue: Set<String> = ["-x", "--execute", "-H", "--header"]
}
