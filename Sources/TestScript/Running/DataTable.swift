import MessageText

/// The rows of a data file (`--data`); each test runs once per row, with its values as variables.
package struct DataTable: Sendable {
    /// A row of a data file.
    package struct Row: Sendable {
        /// The row number, starting at 1.
        package let number: Int
        /// The values by column name.
        package let values: [String: String]
        fileprivate let columns: [String]

        private static let width = 60

        /// The row number and values as text for a test name, shortened and without secrets.
        package var words: String {
            let assignments = columns.map { name in
                "\(name)=\(Redaction.isSecret(name) ? Redaction.placeholder : self.values[name] ?? "")"
            }
            return "row \(number): \(Excerpt.start(of: assignments.joined(separator: " "), Self.width))"
        }
    }

    package let rows: [Row]

    private static let sizeLimit = 64 << 20
    private static let rowLimit = 100_000
    private static let columnLimit = 1000

    /// Reads a data file: CSV (RFC 4180) with variable names in the first row, or one JSON object per line.
    ///
    /// - Parameter path: the file; its name ends in `.csv` or `.jsonl`.
    /// - Returns: a table with at least one row.
    /// - Throws: `FileError` if the file cannot be read; `InvalidValue` if its contents are invalid.
    package static func read(_ path: String) throws -> DataTable {
        let isJSON = path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson")
        guard isJSON || path.lowercased().hasSuffix(".csv") else {
            throw InvalidValue("unknown kind of data file \"\(path)\"; use a name that ends in .csv or .jsonl")
        }
        let bytes = try InputFile.read(path, limit: sizeLimit, of: "a data file")
        do throws(InvalidValue) {
            return try isJSON ? DataTable(jsonLines: bytes) : DataTable(csv: bytes)
        } catch {
            throw InvalidValue("invalid data file \"\(path)\": \(error)")
        }
    }

    /// Parses CSV.
    ///
    /// - Throws: `InvalidValue` that names the line.
    init(csv bytes: [UInt8]) throws(InvalidValue) {
        var records = try CSVReader.records(bytes)
        guard !records.isEmpty else { throw InvalidValue("it is empty; the first row must name the columns") }
        let columns = records.removeFirst().fields
        try Self.check(columns, 1)
        var rows: [Row] = []
        for record in records {
            guard record.fields.count == columns.count else {
                let expected = columns.count == 1 ? "1 value" : "\(columns.count) values"
                throw InvalidValue(
                    "line \(record.line): expected \(expected), as in the first row, found \(record.fields.count)"
                )
            }
            let values = Dictionary(zip(columns, record.fields)) { $1 }
            rows.append(Row(number: rows.count + 1, values: values, columns: columns))
        }
        try self.init(rows)
    }

    /// Parses lines of JSON.
    ///
    /// - Throws: `InvalidValue` that names the line.
    init(jsonLines bytes: [UInt8]) throws(InvalidValue) {
        var rows: [Row] = []
        var columns: [String] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            let number = index + 1
            guard case .object(let members) = try? JSONParser.parse(line) else {
                throw InvalidValue("line \(number): expected a JSON object")
            }
            if rows.isEmpty {
                columns = members.keys.sorted()
                try Self.check(columns, number)
            }
            guard members.keys.sorted() == columns else {
                throw InvalidValue(
                    "line \(number): expected the keys of the first row: \(columns.joined(separator: ", "))"
                )
            }
            rows.append(Row(number: rows.count + 1, values: members.mapValues(Self.text), columns: columns))
        }
        try self.init(rows)
    }

    private init(_ rows: [Row]) throws(InvalidValue) {
        guard !rows.isEmpty else { throw InvalidValue("it has no row of data") }
        guard rows.count <= Self.rowLimit else { throw InvalidValue("it has more than \(Self.rowLimit) rows") }
        self.rows = rows
    }

    private static func check(_ columns: [String], _ line: Int) throws(InvalidValue) {
        guard columns.count <= columnLimit else { throw InvalidValue("it has more than \(columnLimit) columns") }
        for name in columns where !Template.isName(name) {
            throw InvalidValue(
                "line \(line): \"\(Excerpt.start(of: name, 40))\" cannot name a variable; use letters, digits and _"
            )
        }
        if let name = Dictionary(grouping: columns, by: \.self).first(where: { $1.count > 1 })?.key {
            throw InvalidValue("line \(line): there are several columns \"\(name)\"")
        }
    }

    /// Returns the text of a value: strings unchanged, empty text for null, and other values as JSON.
    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .null: ""
        default: value.description
        }
    }
}
