import Dispatch
import NIOCore
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An IP address family, or both.
public enum AddressFamily: Sendable {
    /// IPv4 and IPv6.
    case any
    /// IPv4 only.
    case ipv4
    /// IPv6 only.
    case ipv6
}

/// A host and port with the address to use instead of resolving the name.
public struct Resolution: Sendable, Equatable {
    /// The host name, in lowercase.
    public var host: String
    /// The port, from 1 to 65535.
    public var port: Int
    /// The IP address.
    public var address: String

    /// Creates a resolution.
    public init(host: String, port: Int, address: String) {
        (self.host, self.port, self.address) = (host, port, address)
    }

    /// Whether a text is an IP address.
    public static func isAddress(_ text: String) -> Bool { IPAddress(text) != nil }
}

/// A resolver that returns the addresses in `resolutions` if there are any, and otherwise asks the system.
struct NameResolver: Resolver, Sendable {
    /// An error for a name that the system cannot resolve, with the system's message.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let loop: any EventLoop
    let family: AddressFamily
    let resolutions: [Resolution]
    let onEvent: (@Sendable (ConnectEvent) -> Void)?

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        query(host, port, AF_INET, isWanted: family != .ipv6)
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        query(host, port, AF_INET6, isWanted: family != .ipv4)
    }

    /// Does nothing: a query to the system's resolver cannot be canceled, and its late result is ignored.
    func cancelQueries() {}

    private func query(_ host: String, _ port: Int, _ family: Int32, isWanted: Bool) -> EventLoopFuture<[SocketAddress]>
    {
        guard isWanted else { return loop.makeSucceededFuture([]) }
        let own = resolutions.filter { $0.host == host.lowercased() && $0.port == port }
        if !own.isEmpty {
            let addresses = own.compactMap { try? SocketAddress(ipAddress: $0.address, port: port) }
            return loop.makeSucceededFuture(addresses.filter { Int32($0.protocol.rawValue) == family })
        }
        let promise = loop.makePromise(of: [SocketAddress].self)
        let start = NIODeadline.now()
        DispatchQueue.global().async {
            let result = Self.lookUp(host, port, family)
            if case .success(let addresses) = result, !addresses.isEmpty, IPAddress(host) == nil {
                onEvent?(.resolved(host, addresses, in: .now() - start))
            }
            promise.completeWith(result)
        }
        return promise.futureResult
    }

    private static func lookUp(_ host: String, _ port: Int, _ family: Int32) -> Result<[SocketAddress], any Error> {
        var hints = addrinfo()
        hints.ai_family = family
        #if canImport(Darwin) || canImport(Musl)
        hints.ai_socktype = SOCK_STREAM
        #else
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &list)
        guard status == 0 else { return .failure(Failure(description: String(cString: gai_strerror(status)))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let raw = UnsafeRawPointer(info.ai_addr) {
                switch info.ai_family {
                case AF_INET: addresses.append(SocketAddress(raw.load(as: sockaddr_in.self), host: host))
                case AF_INET6: addresses.append(SocketAddress(raw.load(as: sockaddr_in6.self), host: host))
                default: break
                }
            }
            entry = info.ai_next
        }
        return .success(addresses)
    }
}
