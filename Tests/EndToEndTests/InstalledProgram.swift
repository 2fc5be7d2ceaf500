import Foundation

/// Programs of others that a test runs where they are installed.
enum InstalledProgram {
    /// The path of a program, as a shell would find it; nil where it is not installed.
    static func path(of name: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return folders.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
