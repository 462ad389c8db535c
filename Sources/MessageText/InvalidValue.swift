/// Why a value that the user wrote cannot be used, and what can.
package struct InvalidValue: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
