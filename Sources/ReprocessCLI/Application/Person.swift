internal import Foundation
internal import Glibc

/// Who types, for the record of decisions.
enum Person {
    /// The operating system's name of the user, and the machine: `ann@alpha`.
    static var current: String {
        let user = getuid()
        let name = userName(of: user) ?? "uid \(user)"
        return "\(name)@\(ProcessInfo.processInfo.hostName)"
    }

    private static func userName(of user: uid_t) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // Far more than a line of passwd(5) takes.
        var buffer = [CChar](repeating: 0, count: 16_384)
        return buffer.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let start = buffer.baseAddress, getpwuid_r(user, &entry, start, buffer.count, &found) == 0,
                found != nil, let name = entry.pw_name
            else { return nil }
            return String(cString: name)
        }
    }
}
