import CPOSIX

/// The environment of the process.
package enum Environment {
    /// Returns the value of a variable; nil if it is not set.
    package static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// All variables.
    static var all: [String: String] {
        var result: [String: String] = [:]
        guard var next = posix_environment() else { return result }
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                result[String(text[..<equals])] = String(text[equals...].dropFirst())
            }
            next += 1
        }
        return result
    }

    /// Returns the value of a variable; nil if it is not set or empty.
    static func nonEmpty(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
}
