import CPOSIX

/// Files with the memory of a crashed process.
enum CoreDumps {
    /// Keeps this process, and those it starts, from leaving core dumps, which would contain secrets.
    static func forbid() { posix_forbid_core_dumps() }
}
