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
                throw InvalidValue("it is a number from 0.001 on, such as 10 or 0.5, or max for no waiting at all")
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send again what a recorded session sent.",
        usage: "wsline replay [<options>] <recording> <url>",
        discussion: """
            Sends the messages, pings and pongs of a file that --record has made, with the times between them, and prints \
            what comes. Each connection of the recording is one again.
            """
    )

    @Argument(help: ArgumentHelp("The file that --record has made.", valueName: "recording"), completion: .file())
    var file: String

    @Argument(help: ArgumentHelp("The server.", valueName: "url"), completion: .list(["localhost"]))
    var url: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("This many times as fast; \"max\" without waiting. (default: 1)", valueName: "n"),
        transform: Speed.init
    )
    var speed: Speed?

    @OptionGroup(title: "Replies")
    var replies: ReplyOptions

    @OptionGroup(title: "What is shown")
    var display: DisplayOptions

    @OptionGroup(title: "What is kept")
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
        try check(SessionPlan.Target(argument: url))
        try events.check(replies, display)
    }

    var colorMode: ColorMode { display.colorMode }

    func execute() async throws {
        let target = try SessionPlan.Target(argument: url)
        let server: WebSocketURL? = if case .server(let url) = target { url } else { nil }
        let options = try connectOptions(for: server)
        let factor: Double? =
            switch speed {
            case .times(let number): number
            case .maximum: nil
            case nil: 1
            }
        for recording in try Recording.read(file) {
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
