internal import Foundation

/// The server programs of one installed PostgreSQL.
package struct PostgresPrograms: Sendable, Hashable {
    /// The folder that holds `initdb` and `postgres`.
    package let folder: String
    /// The major version.
    package let major: Int

    /// The oldest major version that the ledger works with.
    package static let oldestMajor = 13

    /// The path of one program.
    package func path(_ program: String) -> String { folder + "/" + program }

    /// The newest installed version, or the given one.
    ///
    /// - Parameters:
    ///   - major: The version that an existing data folder was made by.
    ///   - roots: Folders that hold one installation a version: Debian's, then that of PostgreSQL's own RPMs.
    ///   - searchPath: Folders of programs, as in `PATH`.
    /// - Returns: Programs that are there and can be executed.
    /// - Throws: A `LedgerError` that names the package to install.
    package static func locate(
        major: Int? = nil, roots: [String] = ["/usr/lib/postgresql", "/usr"],
        searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws(LedgerError) -> PostgresPrograms {
        let found = installed(roots: roots, searchPath: searchPath)
        let suitable = found.filter { major == nil ? $0.major >= oldestMajor : $0.major == major }
        if let newest = suitable.max(by: { $0.major < $1.major }) { return newest }
        throw missing(major, found: found)
    }

    private static func installed(roots: [String], searchPath: String) -> [PostgresPrograms] {
        let versioned = roots.flatMap { root in
            (try? FileManager.default.contentsOfDirectory(atPath: root)).map { names in
                names.compactMap { name -> PostgresPrograms? in
                    let text = name.hasPrefix("pgsql-") ? String(name.dropFirst(6)) : name
                    return Int(text).flatMap { PostgresPrograms(folder: "\(root)/\(name)/bin", major: $0) }
                }
            } ?? []
        }
        let complete = versioned.filter(\.isComplete)
        return complete.isEmpty ? searchPath.split(separator: ":").compactMap { inSearchPath(String($0)) } : complete
    }

    /// `initdb` finds its data beside the real file, so a link in the search path is followed.
    private static func inSearchPath(_ folder: String) -> PostgresPrograms? {
        guard let resolved = realpath(folder + "/postgres", nil) else { return nil }
        defer { free(resolved) }
        let program = String(cString: resolved)
        guard let major = reportedMajor(of: program) else { return nil }
        let programs = PostgresPrograms(folder: String(program.dropLast("/postgres".count)), major: major)
        return programs.isComplete ? programs : nil
    }

    private var isComplete: Bool {
        ["initdb", "postgres"].allSatisfy { access(path($0), X_OK) == 0 }
    }

    private static func reportedMajor(of program: String) -> Int? {
        guard let result = try? ProgramResult.of(ProgramLaunch([program, "--version"])), result.succeeded else {
            return nil
        }
        // `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
        return result.output.split(separator: " ").lazy.compactMap { Int($0.prefix { $0.isNumber }) }.first
    }

    private static func missing(_ major: Int?, found: [PostgresPrograms]) -> LedgerError {
        let others = Set(found.map(\.major)).sorted().map(String.init).joined(separator: ", ")
        guard let major else {
            let state = others.isEmpty ? "are not installed" : "are too old (found \(others))"
            return LedgerError(
                .cluster,
                "The server programs of PostgreSQL \(oldestMajor) or newer, which the embedded ledger needs, \(state). "
                    + "Install the Debian package `postgresql`, or set `database:` to a server that runs already.")
        }
        let state = others.isEmpty ? "no version is" : "only \(others) is"
        return LedgerError(
            .cluster,
            "The embedded ledger was made by PostgreSQL \(major), and \(state) installed. "
                + "Install the Debian package `postgresql-\(major)`.")
    }
}
