import Foundation

/// The files of this package.
enum SourceTree {
    /// The package's folder.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Returns the Swift files below folders of the package.
    static func swiftFiles(in folders: [String]) throws -> [(path: String, text: String)] {
        try folders.flatMap { folder in
            let names = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
            return try (names?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }.map { name in
                let path = "\(folder)/\(name)"
                return (path, try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
            }
        }
    }
}
