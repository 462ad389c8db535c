import ArgumentParser
import WebSocketClient

/// How a connection is opened and closed: what `connect`, `replay` and the scripts of `test` have in common.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup(title: "Handshake")
    var handshake: HandshakeOptions

    @OptionGroup(title: "Credentials")
    var credentials: CredentialOptions

    @OptionGroup(title: "TLS")
    var tls: TLSCommandOptions

    @OptionGroup(title: "Network")
    var network: NetworkOptions

    @OptionGroup(title: "Closing")
    var closing: ClosingOptions

    /// Refuses what can have no effect on the server inside wsline.
    ///
    /// - Throws: `ValidationError` that names it.
    func check(_ target: SessionPlan.Target) throws {
        guard target == .echo else { return }
        let options = [(credentials.netrc, "--netrc")] + tls.given + network.givenForServers
        guard let option = options.first(where: \.isGiven)?.name else { return }
        throw ValidationError("\(option) has no effect on echo:, which needs no name, TLS or proxy")
    }

    /// Puts the options together.
    ///
    /// - Parameters:
    ///   - url: the server; nil for the one inside wsline.
    ///   - fragmentSize: the most payload bytes of a frame.
    /// - Returns: the options of a dialer.
    /// - Throws: `Diagnostic` for a file that can't be read, or a password that nobody could be asked for.
    func connectOptions(for url: WebSocketURL?, fragmentSize: ByteCount?) throws(Diagnostic) -> ConnectOptions {
        var options = ConnectOptions()
        options.closeTimeout = closing.closeTimeout.timeAmount
        options.fragmentSize = fragmentSize?.value
        try handshake.apply(to: &options)
        try tls.apply(to: &options, StandardStreams.variable)
        try network.apply(to: &options, StandardStreams.variable)
        try credentials.apply(to: &options, for: url)
        // What a crash leaves behind is readable to others than the user.
        if credentials.hasSecrets || tls.identity.cert != nil || url?.credentials != nil { CoreDumps.forbid() }
        return options
    }
}
