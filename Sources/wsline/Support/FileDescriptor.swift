import SystemPackage

/// A descriptor of the system; SwiftNIO has a protocol of the same name.
typealias FileDescriptor = SystemPackage.FileDescriptor
