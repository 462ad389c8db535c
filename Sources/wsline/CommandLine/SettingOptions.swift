import ArgumentParser
import MessageText
import TestScript

/// Options for the configuration file.
struct SettingOptions: ParsableArguments {
    @Flag(help: "do not read the configuration file")
    var noConfig = false
}

/// Options for what is kept of an interactive session.
struct ScrollbackOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "keep the last messages for /show, /save, /find and /copy, up to this size or 10,000 messages; off keeps none "
                + "(default: 64M)",
            valueName: "size"
        ),
        transform: Scrollback.Limit.init
    )
    var scrollback: Scrollback.Limit?

    /// The limit of the scrollback.
    var limit: Scrollback.Limit { scrollback ?? .standard }
}

extension Scrollback.Limit {
    /// Parses a size, or `off`.
    ///
    /// - Throws: `InvalidValue`.
    init(_ argument: String) throws(InvalidValue) {
        if argument == "off" {
            self.init(bytes: 0)
        } else if let size = try? ByteCount(argument) {
            self.init(bytes: size.value)
        } else {
            throw InvalidValue("must be a number of bytes, one with K, M or G such as 64M, or off")
        }
    }
}
