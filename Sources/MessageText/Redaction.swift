/// Errors repeat what the user typed, and that may have a password in it.
package enum Redaction {
    /// Takes `user:password@` out of the URLs in a text.
    package static func withoutCredentials(_ text: String) -> String {
        text.replacing(/(:\/\/)[^\s'"]*@/) { "\($0.output.1)…@" }
    }
}
