import Dispatch
import Synchronization

/// The lines that the user typed, in this and in earlier sessions, and the file that keeps them.
///
/// The file is read and written on a queue of its own: another session may hold its lock.
final class TypedHistory: Sendable {
    /// The lines of earlier sessions, oldest first.
    let earlier: [String]
    /// Why the file is not used, if so.
    let trouble: String?
    private let file: HistoryFile?
    private let typed = Mutex<[String]>([])
    private let queue = DispatchQueue(label: "history")

    private init(_ file: HistoryFile?, _ earlier: [String], trouble: String?) {
        (self.file, self.earlier, self.trouble) = (file, earlier, trouble)
    }

    /// Reads the file of the user.
    ///
    /// - Parameter plan: whether there is to be one.
    static func load(_ plan: SessionPlan) async -> TypedHistory {
        guard plan.isTyped, plan.keepsHistory, let file = HistoryFile.ofUser(StandardStreams.variable) else {
            return TypedHistory(nil, [], trouble: nil)
        }
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "history").async {
                do throws(SystemCallError) {
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

    /// Keeps a line, unless it begins with a space or has a password in it.
    ///
    /// - Parameter failed: called on another queue when the file could not be written.
    /// - Returns: whether the line is kept.
    @discardableResult
    func append(_ line: String, failed: @Sendable @escaping (SystemCallError) -> Void = { _ in }) -> Bool {
        guard let file, !line.hasPrefix(" "), !Self.hasPassword(line) else { return false }
        typed.withLock { $0.append(line) }
        queue.async {
            do throws(SystemCallError) {
                try file.append(line)
            } catch {
                failed(error)
            }
        }
        return true
    }

    /// Returns once everything has been written.
    func flush() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    /// Whether a command names a server with the credentials for it.
    private static func hasPassword(_ line: String) -> Bool {
        line.hasPrefix("/reconnect ") && line.contains("@")
    }
}
