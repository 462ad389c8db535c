/// The settings for displaying messages, which `/set` changes during a session.
package struct DisplaySettings: Sendable {
    /// The format of binary messages.
    package enum BinaryStyle: String, CaseIterable, Sendable {
        case raw, hex, base64, dump
    }

    /// The time to show before each message.
    package enum Timestamps: String, CaseIterable, Sendable {
        case on, off
        /// The time since the message before.
        case delta
    }

    /// Whether to indent JSON.
    package var pretty: Bool
    package var timestamps: Timestamps
    /// The format of binary messages. Nil selects a dump on a terminal and the original bytes elsewhere.
    package var binaryStyle: BinaryStyle?
    package var showsPingPong: Bool
    /// Whether to show how connections are opened.
    package var isVerbose = false
    /// The number of bytes after which messages in a session are folded; nil for no limit.
    package var fold: Int?
    package var isColored: Bool
    /// Whether to show a number before each message of a session.
    package var showsNumbers = false
    /// Whether to warn about invalid JSON before a typed message is sent.
    package var checksJSON = true
    /// The conditions for messages to be displayed.
    package var filter = MessageFilter()
    /// The values to display instead of whole messages; nil for whole messages.
    package var selection: JSONSelection?
    /// Whether to hide messages without a selected value.
    package var showsSelectedOnly = false

    package static let defaultFold = 4 << 10

    /// Creates settings, by default those of a session without options.
    package init(
        pretty: Bool = false,
        timestamps: Timestamps = .off,
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

    /// These settings without those that change how a message is printed.
    package var unchangedMessages: DisplaySettings {
        var settings = self
        (settings.pretty, settings.timestamps, settings.binaryStyle) = (false, .off, nil)
        return settings
    }
}
