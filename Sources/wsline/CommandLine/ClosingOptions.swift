import ArgumentParser
import MessageText
import TestScript
import WebSocketProtocol

/// Options for closing the connection.
struct ClosingOptions: ConnectionOptionGroup {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "maximum wait for the server's Close (default: 5)",
            valueName: "seconds"
        ),
        transform: ConnectionOption.closeTimeout.setting
    )
    var closeTimeout: ConnectionSetting?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "close code, such as 1000 or 4000 (default: 1000)",
            valueName: "code"
        ),
        transform: { text throws(InvalidValue) in
            guard let code = UInt16(text) else { throw InvalidValue("must be a number such as 1000, 1001 or 4000") }
            return code
        }
    )
    var closeCode: UInt16 = CloseCode.normalClosure.rawValue

    @Option(help: ArgumentHelp("close reason, at most 123 bytes long", valueName: "text"))
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
