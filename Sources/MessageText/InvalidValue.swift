/// An error for an invalid value from the user.
package struct InvalidValue: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
