import ArgumentParser
import NIOPosix

/// Work that other threads do while the main thread parses the command line, which takes most of the run time of a
/// one-shot request.
enum EarlyWork {
    /// A group with one event loop for the connections of a session.
    static let group = Task.detached { MultiThreadedEventLoopGroup(numberOfThreads: 1) }

    /// Starts the work.
    static func start() {
        _ = group
        // In a debug build, ArgumentParser validates the options of each group, which takes longer than this saves.
        #if !DEBUG
        Task.detached { meetLastGroups() }
        #endif
    }

    /// Parses the last option groups of `connect`, without arguments. Most of the time of a first parse, the Swift
    /// runtime searches the protocol conformances of each type; here it does so for the last groups while the main thread
    /// parses the first ones.
    private static func meetLastGroups() {
        let groups: [any ParsableArguments.Type] = [
            KeepingOptions.self, ClosingOptions.self, NetworkOptions.self, IdentityOptions.self, TLSCommandOptions.self,
            CredentialOptions.self, HandshakeOptions.self,
        ]
        for group in groups { _ = try? group.parse([]) }
    }
}
