package import MessageText
package import NIOCore
package import WebSocketProtocol

/// A message that a test sends, expects or receives.
package struct ScriptMessage: Equatable, Sendable {
    package let isText: Bool
    package let payload: ByteBuffer

    package init(isText: Bool, payload: ByteBuffer) {
        self.isText = isText
        self.payload = payload
    }

    /// Creates a message from its description in a script.
    ///
    /// - Parameters:
    ///   - content: the description in the script.
    ///   - variables: the values of variables.
    ///   - folder: the folder that file names are relative to.
    /// - Throws: `InvalidValue` for invalid hexadecimal digits or a file that cannot be read.
    package init(_ content: Content, _ variables: Variables, folder: String) throws(InvalidValue) {
        let text = try content.template.expanded { variables[$0] }
        switch content {
        case .text: self.init(isText: true, payload: ByteBuffer(string: text))
        case .hex: self.init(isText: false, payload: ByteBuffer(bytes: try HexDigits.bytes(text)))
        case .file(_, let asBinary):
            do throws(FileError) {
                let bytes = try InputFile.read(UserPath.resolve(text, in: folder))
                let isText = !asBinary && bytes.withUnsafeBytes { UTF8Validator.firstInvalid(inText: $0) } == nil
                self.init(isText: isText, payload: ByteBuffer(bytes: bytes))
            } catch {
                throw InvalidValue(error.message)
            }
        }
    }

    package var text: String { String(buffer: payload) }
    package var bytes: [UInt8] { Array(payload.readableBytesView) }
    package var batch: MessageBatch { MessageBatch(isText ? .text : .binary, payload.readableBytesView) }
}

extension Excerpt {
    /// Returns an excerpt of a message: text, or hexadecimal digits.
    package static func of(_ message: ScriptMessage) -> String {
        message.isText ? of(message.text) : of(message.payload.readableBytesView)
    }
}
