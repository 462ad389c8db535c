import NIOPosix

/// The event loop of a session's connections, created while the command line is parsed: each of the two takes a good
/// part of the run time of a one-shot request.
enum EarlyEventLoop {
    /// A group with one event loop.
    static let group = Task.detached { MultiThreadedEventLoopGroup(numberOfThreads: 1) }

    /// Starts creating the group.
    static func start() {
        _ = group
    }
}
