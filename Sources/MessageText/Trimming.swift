extension StringProtocol where SubSequence == Substring {
    /// The text without spaces and tabs at both ends. It shares the indices of the original.
    package var trimmingSpaces: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
