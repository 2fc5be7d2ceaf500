package import Foundation

/// The user that a server runs as: PostgreSQL refuses to run as root.
package struct ServerUser: Sendable, Hashable {
    /// Its number.
    package let uid: uid_t
    /// The number of its group.
    package let gid: gid_t
    /// Its name.
    package let name: String

    /// This process runs as root and can take on the user.
    package var needsSwitch: Bool { geteuid() != uid }

    /// The user that a new server of this process runs as: `postgres` for root, else the process's own.
    package static func forNewServer() throws(LedgerError) -> ServerUser {
        guard geteuid() == 0 else { return try ServerUser(uid: geteuid()) }
        guard let postgres = account({ getpwnam("postgres") }) else {
            throw LedgerError(
                .cluster,
                "PostgreSQL does not run as root, and this machine has no user `postgres` to run it as. "
                    + "Install the Debian package `postgresql`, or set `database:` to a server that runs already.")
        }
        return postgres
    }

    /// The user of a given number.
    package init(uid: uid_t) throws(LedgerError) {
        guard let found = Self.account({ getpwuid(uid) }) else {
            throw LedgerError(
                .cluster,
                "The user number \(uid) has no name on this machine, and PostgreSQL runs only as a user that has one. "
                    + "Add it to /etc/passwd, or set `database:` to a server that runs already.")
        }
        self = found
    }

    private init(uid: uid_t, gid: gid_t, name: String) {
        self.uid = uid
        self.gid = gid
        self.name = name
    }

    /// A command as this user executes it.
    ///
    /// setpriv(1) replaces itself by the command, so that the process id stays the same; it opens no log-in session as
    /// runuser(1) and su(1) do.
    package func command(_ arguments: [String]) -> [String] {
        guard needsSwitch else { return arguments }
        return ["/usr/bin/setpriv", "--reuid=\(uid)", "--regid=\(gid)", "--init-groups", "--"] + arguments
    }

    private static func account(_ lookUp: () -> UnsafeMutablePointer<passwd>?) -> ServerUser? {
        guard let found = lookUp() else { return nil }
        return ServerUser(
            uid: found.pointee.pw_uid, gid: found.pointee.pw_gid, name: String(cString: found.pointee.pw_name))
    }
}
