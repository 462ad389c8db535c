import SystemPackage

/// The system's file descriptor; SwiftNIO declares a protocol of the same name.
typealias FileDescriptor = SystemPackage.FileDescriptor
