import CPOSIX

/// The environment of the process.
package enum Environment {
    /// Returns the value of a variable; nil if it is not set.
    package static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Returns the value of a variable; nil if it is not set or empty.
    static func nonEmpty(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
}
