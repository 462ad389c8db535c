import CEditLine

/// The number of columns of a character, as far as terminals agree.
struct Width: Equatable {
    /// The columns to reserve for it.
    var columns: Int
    /// The most columns that some terminal may use.
    var most: Int

    /// Sets a Unicode locale in the C library; widths and libedit need it.
    static func prepare() {
        terminal_set_locale()
    }

    var isCertain: Bool { columns == most }

    init(of character: Character) {
        let scalars = character.unicodeScalars
        let widths = scalars.map { terminal_width($0.value) }
        let sum = widths.reduce(0) { $0 + Int(max($1, 0)) }
        let first = Int(widths.first ?? 0)
        if widths.contains(where: { $0 < 0 }) {
            // Newer than the C library: most likely an emoji.
            let guess = (scalars.first?.value ?? 0) >= 0x1F000 ? 2 : 1
            (columns, most) = (max(guess, sum), max(sum, 2) + 2 * widths.count(where: { $0 < 0 }))
        } else if scalars.contains(where: Self.joinsEmoji) || (scalars.count > 1 && sum != first) {
            // Some terminals draw the parts side by side, others all of them as one emoji in two columns. With room for
            // all parts nothing is cut off anywhere. (`most` differs even if both agree: the variation selector may
            // turn one column into two.)
            columns = max(sum, 2)
            most = columns + 1
        } else {
            (columns, most) = (first, first)
        }
    }

    /// Whether this scalar makes one emoji of several: joiner, variation selector, skin color, half a flag.
    private static func joinsEmoji(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200D, 0xFE0F, 0x1F3FB...0x1F3FF, 0x1F1E6...0x1F1FF, 0xE0020...0xE007F: true
        default: false
        }
    }

    /// Whether this scalar shows nothing but changes what is around it, and so has to be made visible.
    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0x9F, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        default: false
        }
    }
}
