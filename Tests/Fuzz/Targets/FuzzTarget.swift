/// What is fuzzed, by the name of its corpus's folder.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case decoder, handshake, commandline, script, recording

    /// Tries an input; a property that does not hold ends the process.
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
