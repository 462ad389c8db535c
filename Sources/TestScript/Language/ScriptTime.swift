package import MessageText

/// A time as written in scripts and in options of `wsline test`: `300ms`, `2s`, `1.5s`, `1m`, or seconds without a
/// unit.
package struct ScriptTime: Sendable {
    package let duration: Duration

    /// The longest time in seconds, chosen so that no calculation overflows.
    private static let maximum: Double = 1e9
    private static let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60)]

    /// Parses a time.
    ///
    /// - Throws: `InvalidValue` for an invalid time.
    package init(_ text: some StringProtocol) throws(InvalidValue) {
        let unit = Self.units.first { text.hasSuffix($0.suffix) } ?? (suffix: "", seconds: 1)
        let number = text.dropLast(unit.suffix.count)
        guard number.first?.isNumber == true, number.allSatisfy({ $0.isNumber || $0 == "." }),
            let value = Double(number), value * unit.seconds <= Self.maximum
        else {
            throw InvalidValue("it is a time such as 300ms, 2s or 1m")
        }
        duration = .seconds(value * unit.seconds)
    }

    /// Formats a time: "12 ms", "1.5 s".
    package static func words(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds < 10, milliseconds != milliseconds.rounded() {
            return "\((milliseconds * 100).rounded() / 100) ms"
        }
        if milliseconds < 1000 { return "\(Int(milliseconds.rounded())) ms" }
        return "\(Seconds.format((milliseconds / 10).rounded() / 100)) s"
    }
}
