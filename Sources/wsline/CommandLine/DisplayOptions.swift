import ArgumentParser
import MessageText

/// Options for how messages and diagnostics are printed.
struct DisplayOptions: ParsableArguments {
    @Flag(help: "indent JSON messages")
    var pretty = false

    @Option(
        help: ArgumentHelp(
            "print the time before each message, or with delta the time since the previous message",
            valueName: "[delta]"
        )
    )
    var timestamps: DisplaySettings.Timestamps?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "print only messages that contain TEXT, match ~REGEX or contain {JSON}; may be repeated, for messages that "
                + "match all",
            valueName: "pattern"
        ),
        transform: { try MessageFilter.Condition($0) }
    )
    var filter: [MessageFilter.Condition] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("do not print messages that match; may be repeated", valueName: "pattern"),
        transform: { try MessageFilter.Condition($0, hides: true) }
    )
    var hide: [MessageFilter.Condition] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("print the values at this JSONPath instead of whole messages", valueName: "jsonpath"),
        transform: JSONSelection.init(argument:)
    )
    var select: JSONSelection?

    @Flag(help: "print no messages without such a value, which a terminal shows dim")
    var selectOnly = false

    @Option(
        name: .customLong("binary-as"),
        help: ArgumentHelp(
            "show binary messages as raw, hex, base64 or dump (default: dump on a terminal, else raw)",
            valueName: "how"
        )
    )
    var binaryStyle: DisplaySettings.BinaryStyle?

    @Option(help: ArgumentHelp("use colors: auto, always or never", valueName: "when"))
    var color: ColorMode = .auto

    @Flag(help: "same as --color never")
    var noColor = false

    @Flag(name: [.customShort("P"), .customLong("show-ping-pong")], help: "show pings and pongs")
    var showsPingPong = false

    @Flag(name: .shortAndLong, help: "print errors only")
    var quiet = false

    @Flag(name: .shortAndLong, help: "print addresses, times, TLS, handshake (-vv: frames)")
    var verbose: Int

    @Flag(help: "show secrets in the handshakes that -v prints")
    var showSecrets = false

    func validate() throws {
        if showSecrets, verbose == 0 { throw ValidationError("--show-secrets requires -v") }
        if selectOnly, select == nil { throw ValidationError("--select-only requires --select") }
        if filter.count + hide.count > MessageFilter.limit {
            throw ValidationError("too many filters; the limit is \(MessageFilter.limit)")
        }
        if quiet, verbose > 0 { throw ValidationError("-q and -v cannot be used together") }
    }

    /// Whether messages are printed in a different form than they were received.
    var changesMessages: Bool { pretty || timestamps != nil || binaryStyle != nil || select != nil }

    /// When to use colors.
    var colorMode: ColorMode { noColor ? .never : color }

    var verbosity: SessionPlan.Verbosity {
        quiet ? .quiet : verbose > 1 ? .frames : verbose > 0 ? .verbose : .normal
    }

    /// Returns the initial display settings.
    ///
    /// - Parameters:
    ///   - outputIsTerminal: whether standard output is a terminal.
    ///   - variable: returns the value of an environment variable.
    /// - Returns: the settings; typed commands can change them.
    func settings(outputIsTerminal: Bool, variable: (String) -> String?) -> DisplaySettings {
        var settings = DisplaySettings(
            pretty: pretty,
            timestamps: timestamps ?? .off,
            binaryStyle: binaryStyle,
            showsPingPong: showsPingPong,
            isColored: colorMode.isOn(outputIsTerminal: outputIsTerminal, variable: variable)
        )
        settings.filter = MessageFilter(filter + hide)
        (settings.selection, settings.showsSelectedOnly) = (select, selectOnly)
        settings.isVerbose = verbose > 0
        return settings
    }
}

extension JSONSelection {
    /// Parses the argument of `--select`.
    ///
    /// - Throws: `InvalidValue`.
    fileprivate init(argument: String) throws(InvalidValue) {
        do throws(JSONPathError) {
            self.init(try JSONPath(parsing: argument))
        } catch {
            throw InvalidValue("\(error)")
        }
    }
}

extension DisplaySettings.Timestamps: ExpressibleByArgument {}
extension DisplaySettings.BinaryStyle: ExpressibleByArgument {}
