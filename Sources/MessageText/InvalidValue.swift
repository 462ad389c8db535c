/// The reason why a value that the user wrote can't be used.
package struct InvalidValue: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
