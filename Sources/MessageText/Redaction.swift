/// Removes secrets from texts that are printed: error messages quote the command line, which may contain a password.
package enum Redaction {
    /// Replaces `user:password@` in URLs by `…@`.
    package static func withoutCredentials(_ text: String) -> String {
        text.replacing(/(:\/\/)[^\s'"]*@/) { "\($0.output.1)…@" }
    }
}
