import ArgumentParser
import MessageText
import WebSocketTransport
import WebSocketProtocol

@testable import wsline

/// Fuzzes user input: the command line, URLs and typed commands.
///
/// The input is a list of arguments, one on each line.
enum CommandLineTarget {
    static func run(_ input: UnsafeRawBufferPointer) {
        let text = String(decoding: input, as: UTF8.self)
        let arguments = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if let command = try? Wsline.parseAsRoot(WscatArguments.translate(arguments)) as? Connect {
            _ = try? command.plan(inputIsTerminal: false, outputIsTerminal: false)
        }
        for argument in arguments {
            if let url = try? WebSocketURL(argument) {
                precondition(url.target.hasPrefix("/"), "a target does not begin with a slash")
                precondition(!url.target.utf8.contains { $0 <= 0x20 || $0 >= 0x7F }, "a request line would break")
                precondition(!url.host.isEmpty && (1...65535).contains(url.port), "no host or port")
                // A printed URL must parse to the same URL.
                precondition((try? WebSocketURL("\(url)")).map { "\($0)" } == "\(url)", "\(url) is read as another")
            }
            if case .command(.close(let frame)) = try? TypedLine(argument) {
                precondition(frame.reason.utf8.count <= 123, "a reason is too long")
            }
            let shown = VisibleText.line(argument)
            precondition(!shown.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a control character is shown")
        }
    }
}
