extension Int {
    /// The number with commas as thousands separators, such as `1,204`.
    package var grouped: String {
        var text = String(self)
        for place in stride(from: text.count - 3, to: 0, by: -3) {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
        }
        return text
    }
}
