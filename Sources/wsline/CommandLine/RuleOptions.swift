import ArgumentParser

/// Options for automatic answers.
struct RuleOptions: ParsableArguments {
    @Option(
        name: .customLong("on"),
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "send TEXT whenever a received message is PATTERN, matches ~REGEX or contains {JSON}; may be repeated",
            valueName: "pattern=text"
        ),
        transform: ReplyRule.init(argument:)
    )
    var rules: [ReplyRule] = []

    func validate() throws {
        guard rules.count > ReplyRules.limit else { return }
        throw ValidationError("too many rules; the limit is \(ReplyRules.limit)")
    }
}
