import MessageText
import WebSocketProtocol

/// What a received message is to be: the argument of `--expect`.
struct Expectation: Sendable {
    /// What is compared.
    enum Pattern: Equatable, Sendable {
        /// The very same text.
        case exact(String)
        /// A regular expression that matches somewhere in the text.
        case regex(String)
        /// JSON that the message contains.
        case json(JSONValue)
    }

    /// Why a text is no pattern.
    struct Invalid: Error, CustomStringConvertible {
        let description: String
    }

    /// As the user wrote it.
    let source: String
    let pattern: Pattern

    /// Reads a pattern: `~regex`, `{json}` or the text itself.
    ///
    /// - Throws: `Invalid` for a regular expression or JSON that is none.
    init(_ source: String) throws(Invalid) {
        self.source = source
        if source.hasPrefix("~") {
            let regex = String(source.dropFirst())
            do {
                _ = try Regex(regex)
            } catch {
                throw Invalid(description: "is no regular expression: \(error)")
            }
            pattern = .regex(regex)
        } else if source.hasPrefix("{") {
            do throws(JSONParser.Failure) {
                pattern = .json(try JSONParser.parse(source.utf8, isPattern: true))
            } catch {
                throw Invalid(description: "is \(error)")
            }
        } else {
            pattern = .exact(source)
        }
    }
}

/// Expectations that are met one after the other by the messages that come; others in between do no harm.
struct ExpectationProgress {
    private var rest: ArraySlice<Expectation>
    private var regex: Regex<AnyRegexOutput>?
    /// The newest message, for telling what came instead.
    private(set) var lastMessage: String?

    init(_ expectations: [Expectation]) {
        rest = expectations[...]
        prepare()
    }

    /// How many are not met yet.
    var left: Int { rest.count }

    /// The one that is awaited; nil when all were met.
    var awaited: Expectation? { rest.first }

    /// Takes messages.
    ///
    /// - Returns: whether one of them was awaited.
    mutating func take(_ batch: MessageBatch) -> Bool {
        let before = rest.count
        for entry in batch.entries where entry.kind.isMessage {
            guard awaited != nil else { break }
            let message = batch.string(of: entry)
            lastMessage = message
            guard matches(message) else { continue }
            rest.removeFirst()
            prepare()
        }
        return rest.count < before
    }

    /// Compiles once what many messages may be held against.
    private mutating func prepare() {
        guard case .regex(let pattern) = awaited?.pattern else { return }
        regex = try? Regex(pattern)
    }

    private func matches(_ message: String) -> Bool {
        switch awaited?.pattern {
        case .exact(let text): text.utf8.elementsEqual(message.utf8)
        case .regex: (try? regex?.firstMatch(in: message)) != nil
        case .json(let pattern): (try? JSONParser.parse(message.utf8).mismatches(with: pattern).isEmpty) ?? false
        case nil: false
        }
    }
}
