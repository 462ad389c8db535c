/// The values that a JSONPath selects in each message, as text.
///
/// The time for each message is bounded, so that a selection can run on an event loop.
package struct JSONSelection: Sendable {
    /// The maximum number of evaluation steps for a message, if the path can select several values.
    private static let stepLimit = 100_000
    /// The maximum size in bytes of a message for a path that can select several values.
    private static let sizeLimit = 1 << 20

    /// The maximum size in bytes of the values of a message, if the path can select several.
    private static let valueLimit = 1 << 20

    /// The result for a message.
    package enum Outcome: Equatable, Sendable {
        case selected
        /// The path selects nothing, or the message is not JSON.
        case nothing
        /// The message or its values are too large to evaluate the path, so that it is not known what it selects.
        case tooLarge
        /// The message does not pass the filter.
        case rejected
    }

    package let path: JSONPath
    private let matcher: JSONMatcher?
    /// Whether the matcher includes a filter.
    private var isFiltered = false

    /// Creates a selection.
    package init(_ path: JSONPath) {
        self.path = path
        matcher = JSONMatcher(path)
    }

    /// Returns a selection that also filters, in a single pass over a message. Returns nil if that is not possible.
    package func filtered(by filter: MessageFilter) -> JSONSelection? {
        guard let pattern = filter.onlyJSON, let matcher = matcher.flatMap(pattern.selecting) else { return nil }
        return JSONSelection(path: path, matcher: matcher, isFiltered: true)
    }

    private init(path: JSONPath, matcher: JSONMatcher, isFiltered: Bool) {
        (self.path, self.matcher, self.isFiltered) = (path, matcher, isFiltered)
    }

    /// Calls a closure with each selected value as text: a string without its quotes, unless it contains a line break,
    /// and other values as compact JSON.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - emit: a closure that receives the text of a value.
    /// - Returns: whether values were selected; either all of them, or none.
    package func forEachValue(
        in message: UnsafeRawBufferPointer,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) -> Outcome {
        guard let matcher else { return forEachValue(inTreeOf: message, emit) }
        let (isMatch, range) = matcher.select(in: message)
        if isFiltered, !isMatch { return .rejected }
        guard let range else { return .nothing }
        let value = UnsafeRawBufferPointer(rebasing: message[range])
        switch value.first {
        case UInt8(ascii: "\""):
            if value.contains(UInt8(ascii: "\\")) {
                Self.emit(JSONString.decode(value), emit)
            } else {
                emit(UnsafeRawBufferPointer(rebasing: value[1..<value.count - 1]))
            }
        case UInt8(ascii: "{"), UInt8(ascii: "["): JSONFormatter.compact(value).withUnsafeBytes(emit)
        default: emit(value)
        }
        return .selected
    }

    private func forEachValue(
        inTreeOf message: UnsafeRawBufferPointer,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) -> Outcome {
        guard message.count <= Self.sizeLimit else { return Self.isJSON(message) ? .tooLarge : .nothing }
        guard let document = try? JSONParser.parse(message) else { return .nothing }
        var evaluation = JSONPathEvaluation(root: document, stepLimit: Self.stepLimit)
        guard let nodes = try? evaluation.nodes(of: path.query, at: document) else { return .tooLarge }
        var texts: [String] = []
        var size = 0
        for node in nodes {
            texts.append(node.value.plainText)
            size += texts[texts.count - 1].utf8.count
            guard size <= Self.valueLimit else { return .tooLarge }
        }
        for (node, text) in zip(nodes, texts) {
            if case .string = node.value { Self.emit(text, emit) } else { Self.emit(unchanged: text, emit) }
        }
        return nodes.isEmpty ? .nothing : .selected
    }

    /// Whether a message is JSON. Unlike parsing, this takes no memory.
    private static func isJSON(_ message: UnsafeRawBufferPointer) -> Bool {
        var tokenizer = JSONTokenizer(message)
        do throws(JSONSyntaxError) {
            while try tokenizer.next() != nil {}
            return true
        } catch {
            return false
        }
    }

    /// Emits the value of a string, in quotes if it contains a line break.
    private static func emit(_ text: String, _ emit: (UnsafeRawBufferPointer) -> Void) {
        let hasLineBreak = text.utf8.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        Self.emit(unchanged: hasLineBreak ? JSONValue.string(text).description : text, emit)
    }

    private static func emit(unchanged text: String, _ emit: (UnsafeRawBufferPointer) -> Void) {
        var text = text
        text.withUTF8 { emit(UnsafeRawBufferPointer($0)) }
    }
}

extension JSONSelection: Equatable {
    package static func == (left: JSONSelection, right: JSONSelection) -> Bool { left.path.source == right.path.source }
}
