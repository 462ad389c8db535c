extension StringProtocol where SubSequence == Substring {
    /// The text without leading and trailing spaces and tabs, sharing the original's indices.
    package var trimmingSpaces: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
