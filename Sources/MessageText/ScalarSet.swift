/// A set of Unicode scalars.
struct ScalarSet: Sendable {
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    var categories: Set<Unicode.GeneralCategory> = []
    var isInverted = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let isListed =
            ranges.contains { $0.contains(scalar) }
            || !categories.isEmpty && categories.contains(scalar.properties.generalCategory)
        return isListed != isInverted
    }

    /// Returns the general categories for a name such as `L` or `Nd`; nil if the name is unknown.
    static func categories(_ name: String) -> Set<Unicode.GeneralCategory>? {
        guard name.count == 1 || name.count == 2 else { return nil }
        let matching = names.filter { $0.key.hasPrefix(name) }
        return matching.isEmpty ? nil : Set(matching.values)
    }

    static let allCategories = Set(names.values).union([.surrogate])

    private static let names: [String: Unicode.GeneralCategory] = [
        "Ll": .lowercaseLetter, "Lm": .modifierLetter, "Lo": .otherLetter, "Lt": .titlecaseLetter,
        "Lu": .uppercaseLetter,
        "Mc": .spacingMark, "Me": .enclosingMark, "Mn": .nonspacingMark,
        "Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber,
        "Pc": .connectorPunctuation, "Pd": .dashPunctuation, "Pe": .closePunctuation, "Pf": .finalPunctuation,
        "Pi": .initialPunctuation, "Po": .otherPunctuation, "Ps": .openPunctuation,
        "Zl": .lineSeparator, "Zp": .paragraphSeparator, "Zs": .spaceSeparator,
        "Sc": .currencySymbol, "Sk": .modifierSymbol, "Sm": .mathSymbol, "So": .otherSymbol,
        "Cc": .control, "Cf": .format, "Cn": .unassigned, "Co": .privateUse,
    ]
}
