import Dispatch
import MessageText
import Synchronization

/// The lines typed in this and earlier sessions, and their file.
final class TypedHistory: Sendable {
    /// The lines of earlier sessions, oldest first.
    let earlier: [String]
    /// The reason why the file is not used, if any.
    let trouble: String?
    private let file: HistoryFile?
    private let typed = Mutex<[String]>([])
    private let hasFailed = Atomic(false)

    private init(_ file: HistoryFile?, _ earlier: [String], trouble: String?) {
        (self.file, self.earlier, self.trouble) = (file, earlier, trouble)
    }

    /// Loads the user's history file, if the plan uses it, on a queue that may block.
    static func load(_ plan: SessionPlan) async -> TypedHistory {
        guard plan.isTyped, plan.keepsHistory, let file = HistoryFile.ofUser(StandardStreams.variable) else {
            return TypedHistory(nil, [], trouble: nil)
        }
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "history").async {
                do throws(HistoryError) {
                    continuation.resume(returning: TypedHistory(file, try file.load(), trouble: nil))
                } catch {
                    let trouble = "the history is not kept: \(error)"
                    continuation.resume(returning: TypedHistory(nil, [], trouble: trouble))
                }
            }
        }
    }

    /// All lines, oldest first.
    var lines: [String] { earlier + typed.withLock { $0 } }

    /// Adds a line to the history, unless it begins with a space or contains a password. Returns whether later sessions
    /// will have it.
    ///
    /// `failed` is called on another queue the first time that writing the file fails.
    @discardableResult
    func append(_ line: String, failed: @Sendable @escaping (HistoryError) -> Void = { _ in }) -> Bool {
        guard !line.hasPrefix(" "), !Self.hasPassword(line) else { return false }
        typed.withLock { $0.append(line) }
        guard let file else { return false }
        file.append(line) { [self] error in
            if let error, !hasFailed.exchange(true, ordering: .relaxed) { failed(error) }
        }
        return true
    }

    /// Returns once all lines have been written to the file.
    func flush() async {
        await file?.flush()
    }

    /// Whether a command contains a URL with credentials, or with parameters that look like credentials.
    private static func hasPassword(_ line: String) -> Bool {
        guard line.hasPrefix("/reconnect ") else { return false }
        let url = line.split(separator: " ").dropFirst().joined(separator: " ")
        return Redaction.url(url) != url
    }
}
