/// The settings for displaying messages, which `/set` changes during a session.
package struct DisplaySettings: Sendable {
    /// The format of binary messages.
    package enum BinaryStyle: String, CaseIterable, Sendable {
        case raw, hex, base64, dump
    }

    /// Whether to indent JSON.
    package var pretty: Bool
    /// Whether to show the time before each message.
    package var timestamps: Bool
    /// The format of binary messages. Nil selects a dump on a terminal and the original bytes elsewhere.
    package var binaryStyle: BinaryStyle?
    package var showsPingPong: Bool
    /// The number of bytes after which messages in a session are folded; nil for no limit.
    package var fold: Int?
    package var isColored: Bool
    /// Whether to show a number before each message of a session.
    package var showsNumbers = false
    /// Whether to warn about invalid JSON before a typed message is sent.
    package var checksJSON = true

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
