import CPOSIX

/// Returns the number of unread bytes in a pipe.
public func unreadBytes(in descriptor: Int32) -> Int { Int(posix_unread(descriptor)) }
