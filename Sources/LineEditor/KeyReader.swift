import CEditLine
import SystemPackage

/// A reader of keys, which also waits for the other events that the editor handles.
struct KeyReader {
    /// The events that ended a wait; none after a timeout.
    struct Events {
        /// Whether the outbox contains work.
        var isWoken = false
        var signals: Set<Int32> = []
    }

    private static let escapeDelay = Duration.milliseconds(50)

    private let input: FileDescriptor
    private let wakeUp: WakeUp
    private var parser: KeyParser
    private var keys: [Key] = []
    private var next = 0
    private(set) var isAtEnd = false

    init(input: FileDescriptor, wakeUp: WakeUp, specials: KeyParser.Specials) {
        self.input = input
        self.wakeUp = wakeUp
        parser = KeyParser(specials: specials)
    }

    /// Returns the next key if one has been read already.
    mutating func nextKey() -> Key? {
        guard next < keys.count else { return nil }
        defer {
            next += 1
            if next == keys.count { (keys, next) = ([], 0) }
        }
        return keys[next]
    }

    /// Appends a key that was not typed, such as Ctrl-C for a SIGINT.
    mutating func append(_ key: Key) {
        keys.append(key)
    }

    /// Resets the end of input after a read that failed only because this process was in the background.
    mutating func reopen() {
        isAtEnd = false
    }

    /// Puts a key back, so that it is read next.
    mutating func putBack(_ key: Key) {
        keys.insert(key, at: next)
    }

    /// Waits for a key, a wake-up, or the timeout if it is not nil.
    mutating func wait(_ timeout: Duration?) -> Events {
        let escapes = parser.isWaitingAfterEscape
        let limit = escapes ? min(timeout ?? Self.escapeDelay, Self.escapeDelay) : timeout
        var descriptors = [
            pollfd(fd: wakeUp.readingEnd.rawValue, events: Int16(POLLIN), revents: 0),
            // poll ignores a negative descriptor.
            pollfd(fd: isAtEnd ? -1 : input.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        var events = Events()
        let count = terminal_poll(&descriptors, Int32(descriptors.count), limit.map(Self.milliseconds) ?? -1)
        if count == 0 && escapes { keys += parser.endOfEscape() }
        guard count > 0 else { return events }
        if descriptors[0].revents != 0 {
            events.isWoken = true
            events.signals = wakeUp.drain()
        }
        if descriptors[1].revents != 0 { readKeys() }
        return events
    }

    private mutating func readKeys() {
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        do {
            let count = try bytes.withUnsafeMutableBytes { try input.read(into: $0) }
            if count == 0 { isAtEnd = true }
            keys += parser.parse(bytes[..<count])
        } catch Errno.resourceTemporarilyUnavailable {
            // Another process has made the terminal non-blocking and read the input first.
        } catch {
            isAtEnd = true
        }
    }

    /// Returns a duration in milliseconds, rounded up so that a wait never ends early.
    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
