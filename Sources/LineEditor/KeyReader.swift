import CEditLine

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Waits for keys and for everything else that the editor has to see to.
struct KeyReader {
    /// What ended a wait; nothing when the time is over.
    struct Happening {
        /// Something is in the outbox.
        var isWoken = false
        var signals: Set<Int32> = []
    }

    private static let escapeDelay = Duration.milliseconds(50)

    private let input: Int32
    private let wakeUp: WakeUp
    private var parser: KeyParser
    private var keys: [Key] = []
    private var next = 0
    private(set) var isAtEnd = false

    init(input: Int32, wakeUp: WakeUp, specials: KeyParser.Specials) {
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

    /// Adds a key that came another way, behind those already read.
    mutating func append(_ key: Key) {
        keys.append(key)
    }

    /// Takes an end for none: reading failed only because this process was in the background.
    mutating func reopen() {
        isAtEnd = false
    }

    /// Gives a key back, to be read next.
    mutating func putBack(_ key: Key) {
        keys.insert(key, at: next)
    }

    /// Waits for a key, a wake-up or `timeout` (nil: for ever), whichever is first.
    mutating func wait(_ timeout: Duration?) -> Happening {
        let escapes = parser.isWaitingAfterEscape
        let limit = escapes ? min(timeout ?? Self.escapeDelay, Self.escapeDelay) : timeout
        var descriptors = [
            pollfd(fd: wakeUp.readingEnd, events: Int16(POLLIN), revents: 0),
            // A negative descriptor is not looked at.
            pollfd(fd: isAtEnd ? -1 : input, events: Int16(POLLIN), revents: 0),
        ]
        var happening = Happening()
        let count = poll(&descriptors, nfds_t(descriptors.count), limit.map(Self.milliseconds) ?? -1)
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
        let count = read(input, &bytes, bytes.count)
        if count > 0 {
            keys += parser.parse(bytes[..<count])
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
            isAtEnd = true
        }
    }

    /// Rounded up, so that a wait is never over too early.
    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
