/// The fuzz targets, named like the folders of their corpora.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case decoder, handshake, commandline, script, recording

    /// Runs the target on an input; a violated property ends the process.
    public func run(_ input: UnsafeRawBufferPointer) {
        switch self {
        case .decoder: DecoderTarget.run(input)
        case .handshake: HandshakeTarget.run(input)
        case .commandline: CommandLineTarget.run(input)
        case .script: ScriptTarget.run(input)
        case .recording: RecordingTarget.run(input)
        }
    }
}
