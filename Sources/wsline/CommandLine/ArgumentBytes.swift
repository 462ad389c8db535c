/// Converts between the bytes of an argument and text, because ArgumentParser takes text only.
///
/// A byte that is not valid UTF-8 becomes a NUL, which no argument contains, followed by the character with the byte's
/// value.
enum ArgumentBytes {
    /// The command line including the program's name, as text that `bytes(of:)` converts back to the same bytes.
    static var arguments: [String] {
        (0..<Int(CommandLine.argc)).compactMap { index in
            guard let argument = CommandLine.unsafeArgv[index] else { return nil }
            return String(validatingCString: argument) ?? text(of: UnsafePointer(argument))
        }
    }

    private static func text(of argument: UnsafePointer<CChar>) -> String {
        var bytes: [UInt8] = []
        while argument[bytes.count] != 0 { bytes.append(UInt8(bitPattern: argument[bytes.count])) }
        return text(of: bytes)
    }

    /// Returns the bytes of an argument as text.
    static func text(of bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var start = 0
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let scalar):
                text.append(Unicode.UTF8.decode(scalar))
                start += scalar.count
            case .error(let length):
                for byte in bytes[start..<start + length] { text += ["\0", Unicode.Scalar(byte)] }
                start += length
            case .emptyInput:
                return String(text)
            }
        }
    }

    /// Returns the bytes that the user passed.
    static func bytes(of text: String) -> [UInt8] {
        let parts = text.unicodeScalars.split(separator: "\0", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(into: Array(String(parts[0]).utf8)) { bytes, part in
            bytes += part.prefix(1).map { UInt8(truncatingIfNeeded: $0.value) }
            bytes += Array(String(part.dropFirst()).utf8)
        }
    }

    /// Describes the first byte of an argument that is not valid UTF-8.
    ///
    /// - Parameters:
    ///   - text: the argument.
    ///   - place: its place on the command line, such as "the value of --header".
    /// - Returns: the error message; nil if the argument is valid UTF-8.
    static func fault(in text: String, at place: String) -> String? {
        let before = text.unicodeScalars.prefix { $0 != "\0" }
        guard let byte = text.unicodeScalars[before.endIndex...].dropFirst().first else { return nil }
        let number = String(before).utf8.count + 1
        return "\(place) is not UTF-8: byte \(number) is 0x\(String(byte.value, radix: 16))"
    }

    /// Describes the first argument that is not valid UTF-8. Messages are skipped, since they may be binary.
    ///
    /// - Parameter arguments: the command line without the program's name.
    /// - Returns: the error message; nil if all arguments are valid.
    static func fault(in arguments: [String]) -> String? {
        for (index, given) in arguments.enumerated() where given.unicodeScalars.contains("\0") {
            let isValue = WscatArguments.isValue(index, in: arguments)
            let argument = isValue ? given : WscatArguments.translate([given]).last ?? given
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            let isJoined = !isValue && parts.count == 2 && parts[0].hasPrefix("-")
            let option = isJoined ? parts[0] : index > 0 ? arguments[index - 1] : ""
            // -x may follow other flags: -bx.
            let endsWithLetter = option.hasPrefix("-") && !option.hasPrefix("--") && option.hasSuffix("x")
            if endsWithLetter || option == "--execute" { continue }
            let place = option.hasPrefix("-") ? "the value of \(option)" : "argument \(index + 1)"
            return fault(in: isJoined ? parts[1] : argument, at: place)
        }
        return nil
    }
}
