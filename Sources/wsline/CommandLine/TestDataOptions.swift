import ArgumentParser
import MessageText
import TestScript

/// The options of `test` that read variables from files.
struct TestDataOptions: ParsableArguments {
    @Option(
        name: .customLong("env-file"),
        help: ArgumentHelp("set the variables in this file of NAME=value lines; may be repeated", valueName: "file"),
        completion: .file()
    )
    var variableFiles: [String] = []

    @Option(
        name: .customLong("data"),
        help: ArgumentHelp(
            "run each test once for each row of this file (.csv or .jsonl), with its columns as variables",
            valueName: "file"
        ),
        completion: .file(extensions: ["csv", "jsonl"])
    )
    var table: String?

    var given: [(isGiven: Bool, name: String)] { [(!variableFiles.isEmpty, "--env-file"), (table != nil, "--data")] }

    /// Reads the variables of all files; later files override earlier ones.
    ///
    /// - Throws: `FileError` or `InvalidValue`.
    func variables() throws -> [String: String] {
        try variableFiles.reduce(into: [:]) { values, path in values.merge(try VariablesFile.read(path)) { $1 } }
    }

    /// Reads the rows of the data file; returns nil if no file is given.
    ///
    /// - Throws: `FileError` or `InvalidValue`.
    func rows() throws -> [DataTable.Row]? { try table.map { try DataTable.read($0).rows } }
}
