import MessageText
import NIOCore
import WebSocketProtocol

/// Decides which messages are displayed: those that pass the filter, or the values selected from them.
struct MessageView: Sendable {
    /// The part of a batch that is displayed.
    struct Part {
        /// The received messages and control frames, up to the last message to display.
        var received = MessageBatch()
        /// The messages to display, or the values selected from them, and the control frames between them.
        var displayed = MessageBatch()
        /// The indexes of the messages in `displayed` without a selected value.
        var unselected: Set<Int> = []
        /// For each message in `displayed`, its position among the received messages; nil if none is hidden.
        var positions: [Int]?
        /// The number of messages that are displayed.
        var count = 0
        /// The number of messages that are not displayed.
        var hidden = 0
        /// The number of messages that are displayed whole, because selecting values from them would take too long.
        var tooLarge = 0
    }

    private let filter: MessageFilter
    private let selection: JSONSelection?
    private let showsUnselected: Bool

    /// Creates a view.
    ///
    /// - Parameters:
    ///   - settings: the display settings.
    ///   - isTerminal: whether messages without a selected value can be told from others. In a pipe, they are hidden.
    ///   - showsWholeMessages: whether nothing is selected, whatever the settings.
    init(_ settings: DisplaySettings, isTerminal: Bool, showsWholeMessages: Bool = false) {
        let selection = showsWholeMessages ? nil : settings.selection
        let both = selection?.filtered(by: settings.filter)
        filter = both == nil ? settings.filter : MessageFilter()
        self.selection = both ?? selection
        showsUnselected = isTerminal && !settings.showsSelectedOnly
    }

    /// Returns the part of a batch to display.
    ///
    /// - Parameters:
    ///   - batch: the received messages and control frames.
    ///   - limit: the maximum number of messages to display.
    /// - Returns: the part to display.
    func part(of batch: MessageBatch, limit: Int = .max) -> Part {
        if filter.isEmpty, selection == nil { return Self.start(of: batch, limit) }
        var part = Part(positions: [])
        var kept: [MessageBatch.Entry] = []
        var end = 0
        batch.bytes.withUnsafeReadableBytes { bytes in
            for entry in batch.entries where part.count < limit {
                end += 1
                let payload = UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.count])
                let isDisplayed =
                    !entry.kind.isMessage || filter.accepts(payload) && select(from: payload, entry.kind, &part)
                guard isDisplayed else {
                    part.hidden += 1
                    continue
                }
                if entry.kind.isMessage { part.count += 1 }
                if selection == nil {
                    kept.append(entry)
                    if entry.kind.isMessage { part.positions?.append(part.count + part.hidden - 1) }
                } else if !entry.kind.isMessage {
                    part.displayed.append(entry.kind, payload)
                }
            }
        }
        if selection == nil { part.displayed = batch.keeping(kept) }
        part.received = end == batch.entries.count ? batch : batch.keeping(Array(batch.entries[..<end]))
        return part
    }

    /// Appends the selected values of a message, or the message itself. Returns false if it is hidden.
    private func select(
        from payload: UnsafeRawBufferPointer,
        _ kind: MessageBatch.Kind,
        _ part: inout Part
    ) -> Bool {
        guard let selection else { return true }
        let position = part.count + part.hidden
        let outcome = selection.forEachValue(in: payload) {
            part.displayed.append(.text, $0)
            part.positions?.append(position)
        }
        switch outcome {
        case .selected: return true
        case .rejected: return false
        case .tooLarge: part.tooLarge += 1
        case .nothing:
            guard showsUnselected else { return false }
            part.unselected.insert(part.displayed.entries.count)
        }
        part.displayed.append(kind, payload)
        part.positions?.append(position)
        return true
    }

    private static func start(of batch: MessageBatch, _ limit: Int) -> Part {
        let count = batch.messageCount
        guard count > limit else { return Part(received: batch, displayed: batch, count: count) }
        var (messages, end) = (0, 0)
        for entry in batch.entries where messages < limit {
            end += 1
            if entry.kind.isMessage { messages += 1 }
        }
        let start = batch.keeping(Array(batch.entries[..<end]))
        return Part(received: start, displayed: start, count: messages)
    }
}

/// A number of messages that is announced at most once a second.
struct PacedCount {
    private(set) var total = 0
    private var unannounced = 0
    private var lastNotice: UInt64?

    /// The minimum time between two notices, in nanoseconds.
    private static let interval: UInt64 = 1_000_000_000

    /// Adds messages at a time.
    ///
    /// - Returns: the number to announce; nil for none.
    mutating func add(_ count: Int, at time: NIODeadline) -> Int? {
        let nanoseconds = time.uptimeNanoseconds
        guard count > 0 else { return nil }
        total += count
        unannounced += count
        if let lastNotice, nanoseconds < lastNotice + Self.interval { return nil }
        defer { (unannounced, lastNotice) = (0, nanoseconds) }
        return unannounced
    }
}
