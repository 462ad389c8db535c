extension StringProtocol where SubSequence == Substring {
    /// The text without the spaces and tabs at both ends; its indices are those of the text.
    package var trimmingSpaces: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
