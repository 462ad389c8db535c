import Foundation

/// Returns the path of an executable of this package, in the same folder as the tests.
///
/// - Throws: `Failure` when the executable is missing; it should be a dependency of the test target.
public func builtExecutable(_ name: String) throws -> String {
    var folders = [URL(fileURLWithPath: CommandLine.arguments[0])]
    #if os(Linux)
    if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
        folders.append(URL(fileURLWithPath: path))
    }
    #endif
    folders += Bundle.allBundles.map(\.bundleURL)
    for folder in folders.map({ $0.deletingLastPathComponent() }) {
        let path = folder.appendingPathComponent(name).path
        if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw Failure("\(name) is not beside any of \(folders.map(\.path))")
}
