import NIOPosix

/// The event loop of a session's connections, made while the command line is read: each takes a good part of the time of a
/// program that asks one question.
enum EarlyEventLoop {
    /// The group of one event loop.
    static let group = Task.detached { MultiThreadedEventLoopGroup(numberOfThreads: 1) }

    /// Begins to make it.
    static func start() {
        _ = group
    }
}
