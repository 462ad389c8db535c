extension JSONPath {
    /// A path: `$.items[0]`, or `@.id` in a filter.
    struct Query: Sendable {
        /// Whether the path starts at the value being filtered (`@`) instead of the document (`$`).
        let isRelative: Bool
        let segments: [Segment]

        var isSingular: Bool { segments.allSatisfy(\.isSingular) }
    }

    /// A segment of a path.
    struct Segment: Sendable {
        /// Whether the segment also applies to all descendants of a value (`..`).
        let isDescendant: Bool
        let selectors: [Selector]

        var isSingular: Bool { !isDescendant && selectors.count == 1 && selectors[0].isSingular }
    }

    enum Selector: Sendable {
        case member(String)
        /// An element of an array; negative indexes count from the end.
        case element(Int)
        case slice(Slice)
        case wildcard
        case filter(Filter)

        var isSingular: Bool {
            switch self {
            case .member, .element: true
            case .slice, .wildcard, .filter: false
            }
        }
    }

    /// A range of array elements from `start` up to but not including `end`.
    struct Slice: Sendable {
        let start: Int?
        let end: Int?
        let step: Int

        /// Returns the selected indexes in an array of `count` elements.
        func indexes(count: Int) -> [Int] {
            func clamped(_ index: Int?, _ range: ClosedRange<Int>) -> Int? {
                index.map { min(max($0 < 0 ? $0 + count : $0, range.lowerBound), range.upperBound) }
            }
            if step > 0 {
                let range = 0...count
                return Array(stride(from: clamped(start, range) ?? 0, to: clamped(end, range) ?? count, by: step))
            }
            guard step < 0 else { return [] }
            let range = -1...count - 1
            return Array(stride(from: clamped(start, range) ?? count - 1, to: clamped(end, range) ?? -1, by: step))
        }
    }

    /// A condition on a value.
    indirect enum Filter: Sendable {
        case any([Filter])
        case all([Filter])
        case not(Filter)
        /// A path that must select at least one value.
        case exists(Query)
        case comparison(Operand, JSONComparison, Operand)
        /// A call of `match()` if `isWhole` is true, otherwise of `search()`.
        case matches(Operand, Expression, isWhole: Bool)
    }

    /// An expression that yields a value or nothing.
    indirect enum Operand: Sendable {
        case literal(JSONValue)
        /// The value that a singular path selects.
        case node(Query)
        case length(Operand)
        case count(Query)
        case value(Query)
    }

    /// The second argument of `match()` and `search()`.
    enum Expression: Sendable {
        case literal(InteroperableRegex)
        case operand(Operand)
    }
}
