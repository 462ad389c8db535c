import MessageText

/// A reader for comma-separated values (RFC 4180); quoted values can contain commas, newlines and doubled quotes.
struct CSVReader {
    /// A record and its first line number.
    struct Record: Equatable {
        let line: Int
        let fields: [String]
    }

    private enum State {
        case start, plain, quoted, quote
    }

    /// Returns all records; empty lines are skipped.
    ///
    /// - Parameter bytes: the contents of a UTF-8 file.
    /// - Returns: the records.
    /// - Throws: `InvalidValue` that names the line.
    static func records(_ bytes: [UInt8]) throws(InvalidValue) -> [Record] {
        var reader = CSVReader()
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        for byte in bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0) { try reader.take(byte) }
        if reader.state == .quoted { throw InvalidValue("line \(reader.start): a quotation mark is never closed") }
        if !reader.isEmptyLine { try reader.endRecord() }
        return reader.records
    }

    private var records: [Record] = []
    private var fields: [String] = []
    private var field: [UInt8] = []
    private var state = State.start
    private var line = 1
    /// The first line of the current record.
    private var start = 1

    private var isEmptyLine: Bool { fields.isEmpty && field.isEmpty && state == .start }

    private mutating func take(_ byte: UInt8) throws(InvalidValue) {
        if byte == UInt8(ascii: "\n") { line += 1 }
        switch (state, byte) {
        case (.quoted, UInt8(ascii: "\"")): state = .quote
        case (.quoted, _): field.append(byte)
        case (.quote, UInt8(ascii: "\"")):
            field.append(byte)
            state = .quoted
        case (.start, UInt8(ascii: "\"")): state = .quoted
        case (_, UInt8(ascii: ",")): try endField()
        case (_, UInt8(ascii: "\n")):
            if state != .quote, field.last == UInt8(ascii: "\r") { field.removeLast() }
            if field.isEmpty, fields.isEmpty, state != .quote { state = .start } else { try endRecord() }
            start = line
        // A line can end with CR LF.
        case (.quote, UInt8(ascii: "\r")): break
        case (.quote, _): throw InvalidValue("line \(line): expected a comma after the closing quotation mark")
        case (.plain, UInt8(ascii: "\"")):
            throw InvalidValue(
                "line \(line): a value with a quotation mark must be in quotes, with the mark written twice"
            )
        default:
            field.append(byte)
            state = .plain
        }
    }

    private mutating func endField() throws(InvalidValue) {
        guard let text = String(validating: field, as: UTF8.self) else {
            throw InvalidValue("line \(start): not UTF-8")
        }
        fields.append(text)
        field = []
        state = .start
    }

    private mutating func endRecord() throws(InvalidValue) {
        try endField()
        records.append(Record(line: start, fields: fields))
        fields = []
    }
}
