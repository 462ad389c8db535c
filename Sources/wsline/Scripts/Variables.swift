/// The variables of a test: what it has captured, what `--set` says, the environment; the first that has a name counts.
struct Variables: Sendable {
    private let given: [String: String]
    private var captured: [String: String] = [:]

    /// Creates the variables of a test that has not begun.
    ///
    /// - Parameter given: what `--set` says.
    init(given: [String: String]) {
        self.given = given
    }

    subscript(name: String) -> String? { captured[name] ?? given[name] ?? StandardStreams.variable(name) }

    /// Takes what a named group of a regular expression has matched.
    mutating func capture(_ name: String, _ value: String) {
        captured[name] = value
    }

    /// Shows the values of secret variables by their names.
    ///
    /// - Parameters:
    ///   - text: what may have values of secrets in it.
    ///   - names: the variables that the script uses.
    /// - Returns: the text, with `${NAME}` in the places of the values.
    func hidingSecrets(in text: String, _ names: Set<String>) -> String {
        let secrets = names.filter(Self.isSecret).compactMap { name in self[name].map { (name, value: $0) } }
        // The longest first, which may have another in it.
        return secrets.filter { !$0.value.isEmpty }.sorted { $0.value.count > $1.value.count }
            .reduce(text) { text, secret in text.replacing(secret.value, with: "${\(secret.0)}") }
    }

    private static func isSecret(_ name: String) -> Bool {
        let parts = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "KEY", "CREDENTIAL", "COOKIE"]
        let name = name.uppercased()
        return parts.contains { name.contains($0) }
    }
}
