import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What a descriptor is waited for.
enum Readiness {
    case read, write
}

/// Blocks until a descriptor is ready, or has failed.
func waitUntilReady(_ descriptor: FileDescriptor, to readiness: Readiness) {
    let events = Int16(readiness == .read ? POLLIN : POLLOUT)
    var waiting = pollfd(fd: descriptor.rawValue, events: events, revents: 0)
    _ = poll(&waiting, 1, -1)
}
