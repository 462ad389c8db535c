import MessageText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A function in a template, such as `${uuid()}`, which is evaluated at each use.
enum TemplateFunction: Equatable, Sendable {
    /// A random UUID (RFC 9562, version 4).
    case uuid
    /// The current UTC time in RFC 3339 format.
    case now
    /// The current Unix time in seconds.
    case unix
    /// The current Unix time in milliseconds.
    case unixMs
    /// A random integer in a range.
    case random(ClosedRange<Int>)
    /// The next number of a counter that starts at 1 in each test.
    case counter
    /// A text encoded in base64.
    case base64(Template)
    /// An environment variable.
    case environment(String)

    /// The names of the functions in scripts.
    static let names = ["uuid", "now", "unix", "unixMs", "random", "counter", "base64", "env"]

    /// Creates a function from its name and its argument; nil if there is no such function or the argument is wrong.
    init?(_ name: String, _ argument: String) {
        switch (name, argument.isEmpty) {
        case ("uuid", true): self = .uuid
        case ("now", true): self = .now
        case ("unix", true): self = .unix
        case ("unixMs", true): self = .unixMs
        case ("counter", true): self = .counter
        case ("random", false):
            let bounds = argument.split(separator: ",", omittingEmptySubsequences: false)
                .map { Int($0.trimmingSpaces) }
            guard bounds.count == 2, let first = bounds[0], let last = bounds[1], first <= last else { return nil }
            self = .random(first...last)
        case ("base64", _):
            guard let text = try? Template(argument) else { return nil }
            self = .base64(text)
        case ("env", false) where Template.isName(argument): self = .environment(argument)
        default: return nil
        }
    }

    /// The source of the function between `${` and `}`.
    var source: String {
        switch self {
        case .uuid: "uuid()"
        case .now: "now()"
        case .unix: "unix()"
        case .unixMs: "unixMs()"
        case .random(let range): "random(\(range.lowerBound),\(range.upperBound))"
        case .counter: "counter()"
        case .base64(let text): "base64(\(text.source))"
        case .environment(let name): "env(\(name))"
        }
    }

    /// The argument if it is a template, otherwise nil.
    var argument: Template? { if case .base64(let text) = self { text } else { nil } }

    /// The names of the variables used in the argument.
    var variables: [String] {
        switch self {
        case .base64(let text): text.variables + text.functions.flatMap(\.variables)
        case .environment(let name): [name]
        case .uuid, .now, .unix, .unixMs, .random, .counter: []
        }
    }

    /// Evaluates the function.
    ///
    /// - Parameters:
    ///   - variable: returns the value of a variable; nil for an unknown one.
    ///   - nextCount: returns the next value of `counter()`.
    /// - Returns: the value.
    /// - Throws: `InvalidValue` if the text is too long or the environment variable is not set.
    func value(_ variable: (String) -> String?, _ nextCount: () -> Int) throws(InvalidValue) -> String {
        switch self {
        case .uuid: return UUID().uuidString.lowercased()
        case .now: return Timestamp().rfc3339
        case .unix: return String(Self.milliseconds / 1000)
        case .unixMs: return String(Self.milliseconds)
        case .random(let range): return String(Int.random(in: range))
        case .counter: return String(nextCount())
        case .base64(let template):
            let text = try template.expanded(variable) { function throws(InvalidValue) in
                try function.value(variable, nextCount)
            }
            return Data(text.utf8).base64EncodedString()
        case .environment(let name):
            guard let value = Environment.variable(name) else {
                throw InvalidValue("the environment has no variable \(name)")
            }
            return value
        }
    }

    private static var milliseconds: Int { Int((Date().timeIntervalSince1970 * 1000).rounded(.down)) }

    /// Returns the error message for an unknown function or invalid arguments.
    static func fault(_ name: String) -> String {
        guard !names.contains(name) else {
            let example = ["random": "random(1,100)", "base64": "base64(TEXT)", "env": "env(NAME)"][name]
            return "invalid argument of \(name)(); expected ${\(example ?? name + "()")}"
        }
        let near = nearNames(to: name, of: names)
        func list(_ names: [String], _ separator: String) -> String {
            names.map { $0 + "()" }.joined(separator: separator)
        }
        let hint = near.isEmpty ? "functions: \(list(names, ", "))" : "did you mean \(list(near, " or "))?"
        return "unknown function \(name)(); \(hint)"
    }
}
