public import Foundation

/// A temporary folder for the files of a test, which is deleted afterwards.
public final class ScriptFolder: Sendable {
    private let folder: URL

    /// Creates the folder and its files.
    ///
    /// - Parameter files: the contents of the files by name; a name may contain folders.
    /// - Throws: the system's error.
    public init(_ files: [String: String]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files { try write(name, Data(text.utf8)) }
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Writes a file.
    ///
    /// - Throws: the system's error.
    public func write(_ name: String, _ data: Data) throws {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    /// Reads a file.
    ///
    /// - Returns: the contents as text.
    /// - Throws: the system's error.
    public func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
    }

    /// Returns the path of a file, or of the folder itself.
    public func path(_ name: String = "") -> String {
        name.isEmpty ? folder.path : folder.appendingPathComponent(name).path
    }
}
