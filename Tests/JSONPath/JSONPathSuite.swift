import Foundation
import MessageText

/// Checks each case of the JSONPath Compliance Test Suite: the values that a path selects and their normalized paths, or that
/// the path is rejected.
@main struct JSONPathSuite {
    static func main() throws {
        let file = URL(fileURLWithPath: CommandLine.arguments[1])
        guard case .object(let suite) = try JSONParser.parse(Data(contentsOf: file)),
            case .array(let cases)? = suite["tests"]
        else { fatalError("\(file.path) has no tests") }
        var failed = 0
        for value in cases {
            guard case .object(let members) = value, let fault = fault(members) else { continue }
            failed += 1
            print("\(members["name"] ?? .null): \(members["selector"] ?? .null): \(fault)")
        }
        print("\(cases.count - failed) passed, \(failed) failed")
        exit(failed == 0 && !cases.isEmpty ? 0 : 1)
    }

    private static func fault(_ members: [String: JSONValue]) -> String? {
        guard case .string(let selector)? = members["selector"] else { return "the case has no selector" }
        let path: JSONPath
        do throws(JSONPathError) { path = try JSONPath(parsing: selector) } catch {
            return members["invalid_selector"] == .bool(true) ? nil : "\(error)"
        }
        guard members["invalid_selector"] == nil else { return "accepted" }
        guard let document = members["document"] else { return "the case has no document" }
        do throws(InvalidValue) {
            let nodes = try path.select(in: document)
            let values = JSONValue.array(nodes.map(\.value))
            let paths = JSONValue.array(nodes.map { .string($0.location.normalizedPath) })
            if !alternatives("result", "results", members).contains(values) { return "selects \(values)" }
            if !alternatives("result_paths", "results_paths", members).contains(paths) { return "selects \(paths)" }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Returns the results that a case allows: more than one if the order of members matters.
    private static func alternatives(_ one: String, _ many: String, _ members: [String: JSONValue]) -> [JSONValue] {
        if let result = members[one] { return [result] }
        if case .array(let results)? = members[many] { return results }
        return []
    }
}
