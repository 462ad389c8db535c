/// The exit status of a run, as listed in the manual.
enum ExitStatus: Equatable, Sendable {
    /// Closed as requested: by the user, at the end of input, or by the server with 1000, 1001 or no code.
    case success
    /// An expectation was not met.
    case expectationFailed
    /// The server closed with any other code.
    case closedByServer
    /// The command line is invalid.
    case usage
    /// The input cannot be sent.
    case unsendableInput
    /// A file cannot be read.
    case noInput
    /// The host name does not resolve.
    case noHost
    /// No connection could be made, or the server refused the upgrade.
    case unavailable
    /// A bug in wsline.
    case defect
    /// The connection was lost without a Close, or reading or writing failed.
    case lost
    /// A time limit passed.
    case timedOut
    /// The server violated the WebSocket protocol, or a message was too large.
    case protocolBroken
    /// The server or proxy responded with 401, 403 or 407, or a certificate was not accepted.
    case notAllowed
    /// The run was ended by this signal.
    case signal(Int32)

    /// Whether a signal ended the run.
    var isSignal: Bool { if case .signal = self { true } else { false } }

    /// The number of the exit status; those from 64 to 77 follow sysexits.h.
    var code: Int32 {
        switch self {
        case .success: 0
        case .expectationFailed: 1
        case .closedByServer: 2
        case .usage: 64
        case .unsendableInput: 65
        case .noInput: 66
        case .noHost: 68
        case .unavailable: 69
        case .defect: 70
        case .lost: 74
        case .timedOut: 75
        case .protocolBroken: 76
        case .notAllowed: 77
        case .signal(let number): 128 + number
        }
    }
}
