/// The variables of a test, looked up in this order: captured values, `--set`, the environment.
package struct Variables: Sendable {
    private let given: [String: String]
    private var captured: [String: String] = [:]

    /// Creates the variables of a new test.
    ///
    /// - Parameter given: the variables set with `--set`.
    package init(given: [String: String]) {
        self.given = given
    }

    package subscript(name: String) -> String? { captured[name] ?? given[name] ?? Environment.variable(name) }

    /// The maximum size of all captured values together, in bytes.
    static let sizeLimit = 64 << 20
    private var size = 0

    /// Stores the value of a named group of a regular expression.
    ///
    /// - Returns: false if the values would exceed the size limit.
    mutating func capture(_ name: String, _ value: String) -> Bool {
        size += value.utf8.count - (captured[name]?.utf8.count ?? 0)
        guard size <= Self.sizeLimit else { return false }
        captured[name] = value
        return true
    }

    /// Returns the values that reports must not show.
    ///
    /// - Parameter names: the names of the variables that the script uses; captured and given ones are added.
    /// - Returns: the secrets.
    func secrets(_ names: Set<String>) -> Secrets {
        Secrets(among: names.union(captured.keys).union(given.keys)) { self[$0] }
    }
}
