import CPOSIX

/// Core dumps: files with the memory of a crashed process.
enum CoreDumps {
    /// Keeps this process and its children from writing core dumps, which would contain secrets.
    static func forbid() { posix_forbid_core_dumps() }
}
