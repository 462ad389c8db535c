/// The variables of a test: what it has captured, what `--set` says, the environment; the first that has a name counts.
package struct Variables: Sendable {
    private let given: [String: String]
    private var captured: [String: String] = [:]

    /// Creates the variables of a test that has not begun.
    ///
    /// - Parameter given: what `--set` says.
    package init(given: [String: String]) {
        self.given = given
    }

    package subscript(name: String) -> String? { captured[name] ?? given[name] ?? Environment.variable(name) }

    /// The most bytes of all captured values together.
    static let sizeLimit = 64 << 20
    private var size = 0

    /// Keeps what a named group of a regular expression has matched.
    ///
    /// - Returns: whether there is room for it.
    mutating func capture(_ name: String, _ value: String) -> Bool {
        size += value.utf8.count - (captured[name]?.utf8.count ?? 0)
        guard size <= Self.sizeLimit else { return false }
        captured[name] = value
        return true
    }

    /// What no report may show.
    ///
    /// - Parameter names: the variables that the script uses; others were captured or given.
    /// - Returns: the secrets among all of them.
    func secrets(_ names: Set<String>) -> Secrets {
        Secrets(among: names.union(captured.keys).union(given.keys)) { self[$0] }
    }
}
