import CEditLine
import SystemPackage

/// Reads keys, and waits for everything else that the editor reacts to.
struct KeyReader {
    /// Why a wait ended; nothing is set after a timeout.
    struct Happening {
        /// Whether the outbox has work.
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

    /// Returns a key that was read already.
    mutating func nextKey() -> Key? {
        guard next < keys.count else { return nil }
        defer {
            next += 1
            if next == keys.count { (keys, next) = ([], 0) }
        }
        return keys[next]
    }

    /// Appends a key that was not typed, such as the Ctrl-C of a SIGINT.
    mutating func append(_ key: Key) {
        keys.append(key)
    }

    /// Forgets the end of input: reading failed only because this process was in the background.
    mutating func reopen() {
        isAtEnd = false
    }

    /// Puts a key back, to be read next.
    mutating func putBack(_ key: Key) {
        keys.insert(key, at: next)
    }

    /// Waits for a key, a wake-up or the timeout (nil: none), whichever is first.
    mutating func wait(_ timeout: Duration?) -> Happening {
        let escapes = parser.isWaitingAfterEscape
        let limit = escapes ? min(timeout ?? Self.escapeDelay, Self.escapeDelay) : timeout
        var descriptors = [
            pollfd(fd: wakeUp.readingEnd.rawValue, events: Int16(POLLIN), revents: 0),
            // A negative descriptor is ignored.
            pollfd(fd: isAtEnd ? -1 : input.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        var happening = Happening()
        let count = terminal_poll(&descriptors, Int32(descriptors.count), limit.map(Self.milliseconds) ?? -1)
        if count == 0 && escapes { keys += parser.endOfEscape() }
        guard count > 0 else { return happening }
        if descriptors[0].revents != 0 {
            happening.isWoken = true
            happening.signals = wakeUp.drain()
        }
        if descriptors[1].revents != 0 { readKeys() }
        return happening
    }

    private mutating func readKeys() {
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        do {
            let count = try bytes.withUnsafeMutableBytes { try input.read(into: $0) }
            if count == 0 { isAtEnd = true }
            keys += parser.parse(bytes[..<count])
        } catch Errno.resourceTemporarilyUnavailable {
            // Another process made the terminal non-blocking and read first.
        } catch {
            isAtEnd = true
        }
    }

    /// Rounded up, so that a wait never ends early.
    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
