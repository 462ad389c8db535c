import ArgumentParser
import MessageText

/// Options for how messages and diagnostics are printed.
struct DisplayOptions: ParsableArguments {
    @Flag(help: "Indent JSON messages; numbers, strings and the order of keys stay as they are.")
    var pretty = false

    @Flag(help: "Put the time before each message.")
    var timestamps = false

    @Option(
        name: .customLong("binary-as"),
        help: ArgumentHelp(
            "How binary messages are shown: raw, hex, base64 or dump. (default: dump on a terminal, else raw)",
            valueName: "how"
        )
    )
    var binaryStyle: DisplaySettings.BinaryStyle?

    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
    var color: ColorMode = .auto

    @Flag(help: "Short for --color never.")
    var noColor = false

    @Flag(name: [.customShort("P"), .customLong("show-ping-pong")], help: "Show pings and pongs.")
    var showsPingPong = false

    @Flag(name: .shortAndLong, help: "Say less: errors only.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more: addresses, times, TLS, the opening handshake; twice: each frame too.")
    var verbose: Int

    @Flag(help: "Show secrets in the handshakes that -v prints.")
    var showSecrets = false

    func validate() throws {
        if showSecrets, verbose == 0 { throw ValidationError("--show-secrets requires -v") }
        if quiet, verbose > 0 { throw ValidationError("-q and -v exclude each other") }
    }

    /// Whether messages are printed in a different form than they were received.
    var changesMessages: Bool { pretty || timestamps || binaryStyle != nil }

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
        return DisplaySettings(
            pretty: pretty,
            timestamps: timestamps,
            binaryStyle: binaryStyle,
            showsPingPong: showsPingPong,
            isColored: colorMode.isOn(outputIsTerminal: outputIsTerminal, variable: variable)
        )
    }
}

extension DisplaySettings.BinaryStyle: ExpressibleByArgument {}
