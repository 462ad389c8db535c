import ArgumentParser
import MessageText
import TestScript
import WebSocketProtocol

/// Options for closing the connection.
struct ClosingOptions: ConnectionOptionGroup {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Give a server up that is silent this long after our Close. (default: 5)",
            valueName: "seconds"
        ),
        transform: ConnectionOption.closeTimeout.setting
    )
    var closeTimeout: ConnectionSetting?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Close with this code, such as 1000, 1001 or 4000 to 4999. (default: 1000)",
            valueName: "code"
        ),
        transform: { text throws(InvalidValue) in
            guard let code = UInt16(text) else { throw InvalidValue("it is a number such as 1000, 1001 or 4000") }
            return code
        }
    )
    var closeCode: UInt16 = CloseCode.normalClosure.rawValue

    @Option(help: ArgumentHelp("Close with this reason, at most 123 bytes.", valueName: "text"))
    var closeReason = ""

    func validate() throws {
        _ = try closeFrame
    }

    var settings: [ConnectionSetting] { [closeTimeout].compactMap { $0 } }

    /// The Close frame that ends a session normally.
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
