/// Settings for printing messages; `/set` changes them during a session.
package struct DisplaySettings: Sendable {
    /// The notation of binary messages.
    package enum BinaryStyle: String, CaseIterable, Sendable {
        case raw, hex, base64, dump
    }

    /// Whether JSON is indented.
    package var pretty: Bool
    /// Whether the time precedes each message.
    package var timestamps: Bool
    /// Nil for a dump on a terminal and the original bytes elsewhere.
    package var binaryStyle: BinaryStyle?
    package var showsPingPong: Bool
    /// The number of bytes after which a message in a session is cut; nil for no limit.
    package var fold: Int?
    package var isColored: Bool

    package static let defaultFold = 4 << 10

    /// Creates settings, by default those of a session without options.
    package init(
        pretty: Bool = false,
        timestamps: Bool = false,
        binaryStyle: BinaryStyle? = nil,
        showsPingPong: Bool = false,
        fold: Int? = Self.defaultFold,
        isColored: Bool = false
    ) {
        self.pretty = pretty
        self.timestamps = timestamps
        self.binaryStyle = binaryStyle
        self.showsPingPong = showsPingPong
        self.fold = fold
        self.isColored = isColored
    }
}
