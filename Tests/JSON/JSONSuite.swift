import Foundation
import MessageText

/// Checks the parser and the formatter on each file of JSONTestSuite.
///
/// The first letter of a file's name is the expected result: `y` must be accepted, `n` must be rejected, `i` may be
/// either.
@main struct JSONSuite {
    /// The maximum number of output bytes for each input byte: a newline, 64 columns of indentation, a character and a
    /// comma.
    static let growthLimit = 67

    static func main() throws {
        let folder = URL(fileURLWithPath: CommandLine.arguments[1])
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        var failed = 0
        for name in names.sorted() {
            let faults = faults([UInt8](try Data(contentsOf: folder.appendingPathComponent(name))), name.first)
            for fault in faults { print("\(name): \(fault)") }
            if !faults.isEmpty { failed += 1 }
        }
        print("\(names.count - failed) passed, \(failed) failed")
        exit(failed == 0 && !names.isEmpty ? 0 : 1)
    }

    private static func faults(_ text: [UInt8], _ verdict: Character?) -> [String] {
        let value = try? JSONParser.parse(text)
        var output: [UInt8] = []
        let isFormatted = text.withUnsafeBytes { bytes in
            JSONFormatter.format(bytes) { indent in
                output.append(UInt8(ascii: "\n"))
                output += repeatElement(UInt8(ascii: " "), count: 2 * indent)
            } emit: {
                output += $1
            }
        }
        var faults: [String] = []
        if verdict == "y", value == nil { faults.append("rejected by the parser") }
        if verdict == "n", value != nil { faults.append("accepted by the parser") }
        // Only objects and arrays are formatted.
        if isFormatted != (value?.isStructured ?? false) { faults.append("parser and formatter disagree") }
        if isFormatted, (try? JSONParser.parse(output)) != value { faults.append("formatting changed the value") }
        if let value, (try? JSONParser.parse(value.description.utf8)) != value {
            faults.append("writing changed the value")
        }
        if output.count > growthLimit * text.count { faults.append("formatted to \(output.count) bytes") }
        return faults
    }
}
