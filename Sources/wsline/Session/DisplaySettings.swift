import ArgumentParser

/// How messages are shown; `/set` changes it while a session runs.
struct DisplaySettings: Sendable {
    /// How binary messages are shown.
    enum BinaryStyle: String, CaseIterable, ExpressibleByArgument, Sendable {
        case raw, hex, base64, dump
    }

    /// JSON is indented.
    var pretty = false
    /// The time stands before each message.
    var timestamps = false
    /// Nil for a dump where somebody reads it, and the bytes as they came elsewhere.
    var binaryStyle: BinaryStyle?
    var showsPingPong = false
    /// The bytes after which a message in a session is cut, with a note; nil for never.
    var fold: Int? = Self.defaultFold
    /// Whether there may be colour.
    var isColored = false

    static let defaultFold = 4 << 10
}
