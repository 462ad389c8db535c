#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
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
        let text = try variables.expand(content.template)
        guard case .file(_, let asBinary) = content else {
            self = try ScriptMessage(content, text)
            return
        }
        do throws(FileError) {
            let bytes = try InputFile.read(UserPath.resolve(text, in: folder))
            let isText = !asBinary && bytes.withUnsafeBytes { UTF8Validator.firstInvalid(inText: $0) } == nil
            self.init(isText: isText, payload: ByteBuffer(bytes: bytes))
        } catch {
            throw InvalidValue(error.message)
        }
    }

    /// Creates the message of a content that is not a file.
    ///
    /// - Parameters:
    ///   - content: what the script has.
    ///   - text: the template of the content with its values.
    /// - Throws: `InvalidValue` for a text that is not valid.
    init(_ content: Content, _ text: String) throws(InvalidValue) {
        switch content {
        case .text, .file: self.init(isText: true, payload: ByteBuffer(string: text))
        case .json(_, let isPretty):
            self.init(isText: true, payload: isPretty ? ByteBuffer(string: text) : try Self.compact(text))
        case .hex: self.init(isText: false, payload: ByteBuffer(bytes: try HexDigits.bytes(text)))
        case .base64:
            guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }) else {
                throw InvalidValue("invalid base64: \(Excerpt.of(text))")
            }
            self.init(isText: false, payload: ByteBuffer(bytes: data))
        case .bytes: self.init(isText: false, payload: ByteBuffer(bytes: try Self.bytes(latin1: text)))
        }
    }

    /// Removes the spaces and newlines between the tokens of JSON.
    private static func compact(_ text: String) throws(InvalidValue) -> ByteBuffer {
        let bytes = Array(text.utf8)
        var result = ByteBuffer()
        do throws(JSONSyntaxError) {
            try bytes.withUnsafeBufferPointer { (buffer) throws(JSONSyntaxError) in
                let source = UnsafeRawBufferPointer(buffer)
                var tokenizer = JSONTokenizer(source)
                while let token = try tokenizer.next() { result.writeBytes(source[token.range]) }
            }
        } catch {
            throw InvalidValue("the message is \(error): \(Excerpt.of(text))")
        }
        return result
    }

    private static func bytes(latin1 text: String) throws(InvalidValue) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else {
                throw InvalidValue("\"\(scalar)\" is not a byte; only characters up to \\u00ff are allowed")
            }
            bytes.append(byte)
        }
        return bytes
    }

    /// Whether all bytes are printable ASCII characters or common white space, and there is at least one.
    var isPrintable: Bool {
        payload.readableBytes > 0
            && payload.readableBytesView.allSatisfy { 0x20..<0x7F ~= $0 || [0x09, 0x0A, 0x0D].contains($0) }
    }

    /// The bytes as text, one character for each (Latin-1).
    var latin1: String { String(String.UnicodeScalarView(payload.readableBytesView.map { Unicode.Scalar($0) })) }

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
