import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An IPv4 or IPv6 address.
struct IPAddress: Equatable {
    /// The bytes of the address in network order, 4 or 16.
    let bytes: [UInt8]

    /// Parses an address, ignoring its zone (RFC 4007, section 11).
    ///
    /// - Returns: nil when the text is not an IP address.
    init?(_ text: String) {
        let address = text.contains(":") ? String(text.prefix { $0 != "%" }) : text
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            guard inet_pton(family, address, &bytes) == 1 else { continue }
            self.bytes = bytes
            return
        }
        return nil
    }

    /// Creates an address from its bytes.
    ///
    /// - Returns: nil unless there are 4 or 16 bytes.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }
}

extension IPAddress: CustomStringConvertible {
    var description: String {
        (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0).ipAddress).flatMap { $0 } ?? ""
    }
}
