public import Foundation

private final class Marker {}

/// The folder of the tests and the executables of this package.
public let buildFolder: URL = {
    // On macOS, the first argument and the main bundle are those of a program that has loaded the tests.
    var folder = Bundle(for: Marker.self).executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    repeat { folder.deleteLastPathComponent() } while folder.path.contains(".xctest")
    return folder.resolvingSymlinksInPath()
}()
