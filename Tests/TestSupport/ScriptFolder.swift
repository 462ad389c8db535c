public import Foundation

/// A folder of its own for the files of a test, which goes with it.
public final class ScriptFolder: Sendable {
    private let folder: URL

    /// Creates the folder and files in it.
    ///
    /// - Parameter files: their texts, by their names; a name may have folders in it.
    /// - Throws: what the system says when it can't.
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
    /// - Throws: what the system says when it can't.
    public func write(_ name: String, _ data: Data) throws {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    /// Reads a file.
    ///
    /// - Returns: its text.
    /// - Throws: what the system says when it can't.
    public func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
    }

    /// The path of a file, or of the folder.
    public func path(_ name: String = "") -> String {
        name.isEmpty ? folder.path : folder.appendingPathComponent(name).path
    }
}
