/// Returns the names that the user may have meant: those that start with `text`, or else the most similar ones.
///
/// Similar names differ in at most two letters, and in at most half of the letters of a short text.
package func nearNames(to text: String, of names: [String]) -> [String] {
    // The edit distance takes time proportional to the length, and no name is that long.
    guard text.utf8.count <= 64 else { return [] }
    let begun = names.filter { !text.isEmpty && $0.hasPrefix(text) }
    guard begun.isEmpty else { return begun }
    let distances = names.map { (name: $0, distance: editDistance($0, text)) }
    let least = distances.map(\.distance).min() ?? 0
    return least <= min(2, text.count / 2) ? distances.filter { $0.distance == least }.map(\.name) : []
}

/// Returns the number of letters to insert, delete or replace to turn one word into the other.
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let replaced = diagonal + (right[column] == letter ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
        }
    }
    return row[right.count]
}
