import Foundation
import ProcessSupport

/// Returns the path of an executable of this package, in the same folder as the tests.
///
/// - Throws: `Failure` when the executable is missing; it should be a dependency of the test target.
public func builtExecutable(_ name: String) throws -> String {
    let path = buildFolder.appendingPathComponent(name).path
    guard FileManager.default.isExecutableFile(atPath: path) else { throw Failure("there is no \(path)") }
    return path
}
