#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// How many files and sockets the process may have open.
enum OpenFiles {
    /// No system counts further than it is worth; Darwin refuses more than OPEN_MAX.
    private static let enough: rlim_t = 10_240

    /// Asks for as many as the system allows this process: usually it begins with fewer than a thousand clients need.
    static func raiseLimit() {
        #if os(Linux) && canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < enough else { return }
        limit.rlim_cur = min(limit.rlim_max, enough)
        _ = setrlimit(resource, &limit)
    }
}
