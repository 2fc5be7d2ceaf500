internal import Glibc

/// Who may write to a path, in words.
enum Permissions {
    /// Names this process's user, and the owner and mode of the path or of the nearest folder above it that can be seen.
    static func describe(_ path: String) -> String {
        let user = "This process runs as \(name(of: geteuid()))"
        var candidate = path
        while candidate != "/" {
            do {
                if let status = try FileSystem.status(of: candidate, followingLinks: false) {
                    let mode = String(status.mode, radix: 8)
                    return "\(user); \(candidate) belongs to \(name(of: status.owner)), mode \(mode)."
                }
            } catch {
                // A folder above cannot be entered either: that one is what the user must look at.
            }
            candidate = Path.parent(of: candidate)
        }
        return user + "."
    }

    private static func name(of user: UInt32) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else { return "user \(user)" }
        return "\(String(cString: name)) (\(user))"
    }
}
