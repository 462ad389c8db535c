import ArgumentParser
import WebSocketProtocol

/// How the connection is closed.
struct ClosingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Give a server up that is silent this long after our Close.", valueName: "seconds"))
    var closeTimeout = Seconds.defaultCloseTimeout

    @Option(help: ArgumentHelp("Close with this code, such as 1000, 1001 or 4000 to 4999.", valueName: "code"))
    var closeCode: UInt16 = CloseCode.normalClosure.rawValue

    @Option(help: ArgumentHelp("Close with this reason, at most 123 bytes.", valueName: "text"))
    var closeReason = ""

    func validate() throws {
        _ = try closeFrame
    }

    /// The Close frame of a session that ends as asked.
    var closeFrame: CloseFrame {
        get throws {
            do throws(CloseFrame.Invalid) {
                return try CloseFrame(code: CloseCode(rawValue: closeCode), reason: closeReason)
            } catch {
                throw ValidationError("\(error)")
            }
        }
    }
}
