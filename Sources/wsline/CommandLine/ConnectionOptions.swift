import ArgumentParser
import WebSocketTransport

/// How a connection is opened and closed: what `connect`, `replay` and the scripts of `test` have in common.
///
/// Each of them lists the groups itself. A group of groups would save the lines, but a debug build of the parser checks a
/// group's options several times over, and those of a group in it that many times more: that was half of the tests' time.
protocol ConnectionOptions {
    var handshake: HandshakeOptions { get }
    var credentials: CredentialOptions { get }
    var tls: TLSCommandOptions { get }
    var identity: IdentityOptions { get }
    var network: NetworkOptions { get }
    var closing: ClosingOptions { get }
}

extension ConnectionOptions {
    /// Refuses what can have no effect on the server inside wsline.
    ///
    /// - Throws: `ValidationError` that names it.
    func check(_ target: SessionPlan.Target) throws {
        guard target == .echo else { return }
        let options = [(credentials.netrc, "--netrc")] + tls.given + identity.given + network.givenForServers
        guard let option = options.first(where: \.isGiven)?.name else { return }
        throw ValidationError("\(option) has no effect on echo:, which needs no name, TLS or proxy")
    }

    /// Puts the options together.
    ///
    /// - Parameters:
    ///   - url: the server; nil for the one inside wsline.
    ///   - fragmentSize: the most payload bytes of a frame.
    /// - Returns: the options of a dialer.
    /// - Throws: `Failure` for a file that can't be read, or a password that nobody could be asked for.
    func connectOptions(for url: WebSocketURL?, fragmentSize: ByteCount?) throws(Failure) -> ConnectionConfiguration {
        var options = ConnectionConfiguration()
        options.closeTimeout = closing.closeTimeout.timeAmount
        options.fragmentSize = fragmentSize?.value
        try handshake.apply(to: &options)
        try tls.apply(to: &options, StandardStreams.variable)
        options.tls.identity = try identity.read()
        try network.apply(to: &options, StandardStreams.variable)
        try credentials.apply(to: &options, for: url)
        // What a crash leaves behind is readable to others than the user.
        if credentials.hasSecrets || identity.cert != nil || url?.credentials != nil { CoreDumps.forbid() }
        return options
    }
}
