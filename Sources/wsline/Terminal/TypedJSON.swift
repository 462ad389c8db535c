import MessageText

/// Checks of typed messages that look like JSON.
enum TypedJSON {
    /// Returns a warning about a typed line, which is a message that begins like JSON but is none; otherwise nil.
    static func warning(_ line: String) -> String? {
        guard line.hasPrefix("{") || line.hasPrefix("[") else { return nil }
        do throws(JSONParser.Failure) {
            _ = try JSONParser.parse(line.utf8)
            return nil
        } catch {
            let before = String(decoding: line.utf8.prefix(error.offset), as: UTF8.self)
            let rows = before.split(separator: "\n", omittingEmptySubsequences: false)
            let place = rows.count > 1 ? "line \(rows.count), " : ""
            return "invalid JSON at \(place)column \((rows.last?.count ?? 0) + 1), Enter sends it"
        }
    }
}
