import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport

/// `wsline replay FILE URL`: sends the messages of a recorded session again, with the original timing.
struct Replay: RunnableCommand, ConnectionOptions {
    /// The factor by which the time between messages is divided.
    enum Speed: Sendable {
        case times(Double)
        case maximum

        /// Parses a number, or `max`.
        ///
        /// - Throws: `InvalidValue`.
        init(_ argument: String) throws(InvalidValue) {
            if argument == "max" {
                self = .maximum
            } else if let number = Double(argument), number >= 0.001, number.isFinite {
                self = .times(number)
            } else {
                throw InvalidValue("must be a number of at least 0.001, such as 10 or 0.5, or max")
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay a recorded session",
        usage: "wsline replay [<options>] <recording> <url>",
        discussion: """
            Sends the messages, pings and pongs of a file written by --record, at the recorded pace, and prints the \
            messages received. Each recorded connection is opened again, unless it was refused.
            """
    )

    @Argument(help: ArgumentHelp("file written by --record", valueName: "recording"), completion: .file())
    var file: String

    @Argument(help: ArgumentHelp("server to connect to, or @PROFILE", valueName: "url"), completion: .servers)
    var url: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("playback speed factor, or max for no delays (default: 1)", valueName: "n"),
        transform: Speed.init
    )
    var speed: Speed?

    @OptionGroup(title: "Replies")
    var replies: ReplyOptions

    @OptionGroup(title: "Display")
    var display: DisplayOptions

    @OptionGroup(title: "Events and history")
    var events: EventOptions

    @OptionGroup(title: "Handshake")
    var handshake: HandshakeOptions

    @OptionGroup(title: "Credentials")
    var credentials: CredentialOptions

    @OptionGroup(title: "TLS")
    var tls: TLSCommandOptions

    @OptionGroup(title: "TLS")
    var identity: IdentityOptions

    @OptionGroup(title: "Network")
    var network: NetworkOptions

    @OptionGroup(title: "Closing")
    var closing: ClosingOptions

    func validate() throws {
        try check(argument: url)
        try events.check(replies, display)
    }

    var colorMode: ColorMode { display.colorMode }

    func execute() async throws {
        let (target, options) = try connection(to: url)
        let factor: Double? =
            switch speed {
            case .times(let number): number
            case .maximum: nil
            case nil: 1
            }
        let recordings = try Recording.read(file).filter { !$0.isRefused }
        guard !recordings.isEmpty else {
            throw Failure(.unsendableInput, "the server refused every connection in \"\(file)\"")
        }
        for recording in recordings {
            let plan = try SessionPlan(
                target: target,
                options,
                input: .recording(recording, speed: factor),
                closing,
                replies,
                display,
                events,
                outputIsTerminal: StandardStreams.isTerminal(1)
            )
            try await Session.run(plan)
        }
    }
}
