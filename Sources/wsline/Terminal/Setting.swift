import MessageText
import TestScript

/// Something that `/set` changes.
enum Setting: String, CaseIterable {
    case pretty, timestamps, fold
    case binaryAs = "binary-as"
    case showPingPong = "show-ping-pong"

    /// A value that has been read.
    enum Change: Equatable {
        case on(Bool)
        case style(DisplaySettings.BinaryStyle)
        /// Bytes; nil for never.
        case limit(Int?)
    }

    /// The words that may be given.
    var values: [String] {
        switch self {
        case .pretty, .timestamps, .showPingPong: ["on", "off"]
        case .binaryAs: DisplaySettings.BinaryStyle.allCases.map(\.rawValue)
        case .fold: ["off", "4K"]
        }
    }

    /// Whether it changes how messages are printed.
    var changesMessages: Bool { self != .showPingPong }

    private var usage: String {
        switch self {
        case .fold: "off, or at least 80 bytes, such as 4K"
        default: values.dropLast().joined(separator: ", ") + " or " + (values.last ?? "")
        }
    }

    private var summary: String {
        switch self {
        case .pretty: "indent JSON messages"
        case .timestamps: "show the time before each message"
        case .fold: "cut off long messages after this many bytes"
        case .binaryAs: "show binary messages in this form"
        case .showPingPong: "show pings and pongs"
        }
    }

    /// Finds a setting.
    ///
    /// - Throws: `SlashCommand.Invalid` that names the settings.
    init(typed text: String) throws(SlashCommand.Invalid) {
        if let setting = Setting(rawValue: text) {
            self = setting
            return
        }
        let names = Setting.allCases.map(\.rawValue)
        let near = nearNames(to: text, of: names)
        let known =
            near.isEmpty
            ? "settings: \(names.joined(separator: ", "))" : "did you mean \(near.joined(separator: " or "))?"
        throw SlashCommand.Invalid(message: "unknown setting \"\(text)\"; \(known)")
    }

    /// Reads a value.
    ///
    /// - Throws: `SlashCommand.Invalid` that names the values.
    func change(to text: String) throws(SlashCommand.Invalid) -> Change {
        switch self {
        case .pretty, .timestamps, .showPingPong:
            if text == "on" || text == "off" { return .on(text == "on") }
        case .binaryAs:
            if let style = DisplaySettings.BinaryStyle(rawValue: text) { return .style(style) }
        case .fold:
            if text == "off" { return .limit(nil) }
            if let size = try? ByteCount(text), size.value >= 80 { return .limit(size.value) }
        }
        throw SlashCommand.Invalid(message: "invalid value \"\(text)\" for \(rawValue): must be \(usage)")
    }

    /// The line that shows what it is.
    func line(in settings: DisplaySettings) -> String {
        let value =
            switch self {
            case .pretty: settings.pretty ? "on" : "off"
            case .timestamps: settings.timestamps ? "on" : "off"
            case .showPingPong: settings.showsPingPong ? "on" : "off"
            case .binaryAs: (settings.binaryStyle ?? .dump).rawValue
            case .fold: settings.fold.map { "\($0)" } ?? "off"
            }
        return Self.row(rawValue, value, summary)
    }

    private static func row(_ name: String, _ value: String, _ text: String) -> String {
        [(name, 16), (value, 8)].map { $0 + String(repeating: " ", count: max(1, $1 - $0.count)) }.joined() + text
    }

    /// What `/help set` says of the settings.
    static var help: [String] { allCases.map { "\($0.rawValue): \($0.summary); \($0.usage)" } }
}

extension DisplaySettings {
    /// Changes what `/set` says.
    mutating func apply(_ setting: Setting, _ change: Setting.Change) {
        switch (setting, change) {
        case (.pretty, .on(let value)): pretty = value
        case (.timestamps, .on(let value)): timestamps = value
        case (.showPingPong, .on(let value)): showsPingPong = value
        case (_, .on): break
        case (_, .style(let style)): binaryStyle = style
        case (_, .limit(let limit)): fold = limit
        }
    }
}
