import MessageText
import TestScript

/// A display setting that `/set` changes.
enum Setting: String, CaseIterable {
    case pretty, timestamps, fold, numbers
    case checkJSON = "check-json"
    case binaryAs = "binary-as"
    case showPingPong = "show-ping-pong"
    case select
    case selectOnly = "select-only"
    case verbose

    /// A parsed value.
    enum Change: Equatable {
        case on(Bool)
        case style(DisplaySettings.BinaryStyle)
        /// A number of bytes; nil for no limit.
        case limit(Int?)
        case timestamps(DisplaySettings.Timestamps)
        /// The values to display; nil for whole messages.
        case selection(JSONSelection?)
    }

    /// The values to complete.
    var values: [String] {
        switch self {
        case .pretty, .numbers, .checkJSON, .showPingPong, .selectOnly, .verbose: ["on", "off"]
        case .timestamps: DisplaySettings.Timestamps.allCases.map(\.rawValue)
        case .select: ["off", "$."]
        case .binaryAs: DisplaySettings.BinaryStyle.allCases.map(\.rawValue)
        case .fold: ["off", "4K"]
        }
    }

    /// Whether the setting changes how messages are printed.
    var changesMessages: Bool { self != .showPingPong && self != .checkJSON && self != .verbose }

    private var usage: String {
        switch self {
        case .fold: "off, or at least 80 bytes, such as 4K"
        case .select: "off, or a JSONPath, such as $.data.price"
        default: values.dropLast().joined(separator: ", ") + " or " + (values.last ?? "")
        }
    }

    private var summary: String {
        switch self {
        case .pretty: "indent JSON messages"
        case .timestamps: "show the time before each message, or the time since the last one"
        case .numbers: "show a number before each message, for /show, /save and /copy"
        case .checkJSON: "warn before sending invalid JSON"
        case .fold: "cut off long messages after this many bytes"
        case .binaryAs: "show binary messages in this form"
        case .showPingPong: "show pings and pongs"
        case .select: "show the values at this JSONPath instead of whole messages"
        case .selectOnly: "hide messages without such a value"
        case .verbose: "show addresses, times, TLS and the handshake of new connections"
        }
    }

    /// Finds a setting by name.
    ///
    /// - Throws: `SlashCommand.Invalid` that suggests similar names.
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

    /// Parses a value.
    ///
    /// - Throws: `SlashCommand.Invalid` that lists the valid values.
    func change(to text: String) throws(SlashCommand.Invalid) -> Change {
        switch self {
        case .pretty, .numbers, .checkJSON, .showPingPong, .selectOnly, .verbose:
            if text == "on" || text == "off" { return .on(text == "on") }
        case .timestamps:
            if let timestamps = DisplaySettings.Timestamps(rawValue: text) { return .timestamps(timestamps) }
        case .select:
            if text == "off" { return .selection(nil) }
            do throws(JSONPathError) {
                return .selection(JSONSelection(try JSONPath(parsing: text)))
            } catch {
                throw SlashCommand.Invalid(message: "\(error)")
            }
        case .binaryAs:
            if let style = DisplaySettings.BinaryStyle(rawValue: text) { return .style(style) }
        case .fold:
            if text == "off" { return .limit(nil) }
            if let size = try? ByteCount(text), size.value >= 80 { return .limit(size.value) }
        }
        throw SlashCommand.Invalid(message: "invalid value \"\(text)\" for \(rawValue): must be \(usage)")
    }

    /// Returns the line that shows the current value.
    func line(in settings: DisplaySettings) -> String {
        let value =
            switch self {
            case .pretty: settings.pretty ? "on" : "off"
            case .timestamps: settings.timestamps.rawValue
            case .numbers: settings.showsNumbers ? "on" : "off"
            case .checkJSON: settings.checksJSON ? "on" : "off"
            case .select: settings.selection?.path.source ?? "off"
            case .selectOnly: settings.showsSelectedOnly ? "on" : "off"
            case .verbose: settings.isVerbose ? "on" : "off"
            case .showPingPong: settings.showsPingPong ? "on" : "off"
            case .binaryAs: (settings.binaryStyle ?? .dump).rawValue
            case .fold: settings.fold.map { "\($0)" } ?? "off"
            }
        return Self.row(rawValue, value, summary)
    }

    private static func row(_ name: String, _ value: String, _ text: String) -> String {
        [(name, 16), (value, 8)].map { $0 + String(repeating: " ", count: max(1, $1 - $0.count)) }.joined() + text
    }

    /// The lines about settings in `/help set`.
    static var help: [String] { allCases.map { "\($0.rawValue): \($0.summary); \($0.usage)" } }
}

extension DisplaySettings {
    /// Applies a change made with `/set`.
    mutating func apply(_ setting: Setting, _ change: Setting.Change) {
        switch (setting, change) {
        case (.pretty, .on(let value)): pretty = value
        case (.numbers, .on(let value)): showsNumbers = value
        case (.checkJSON, .on(let value)): checksJSON = value
        case (.showPingPong, .on(let value)): showsPingPong = value
        case (.selectOnly, .on(let value)): showsSelectedOnly = value
        case (.verbose, .on(let value)): isVerbose = value
        case (_, .on): break
        case (_, .style(let style)): binaryStyle = style
        case (_, .limit(let limit)): fold = limit
        case (_, .timestamps(let value)): timestamps = value
        case (_, .selection(let value)): selection = value
        }
    }
}
