internal import Foundation

/// A place where DuckDB's library may be.
package struct LibraryLocation: Sendable, Hashable {
    /// The path or the name by which the dynamic loader finds the library.
    package let library: String
    /// A library that must be opened before, because `library` needs its symbols and does not ask for it.
    package let prerequisite: String?
    /// The folder of the extensions that came with the library.
    package let extensionDirectory: String?

    /// The version of DuckDB that `scripts/setup` installs.
    package static let installedVersion = "1.5.5"

    /// The folder into which `scripts/setup` puts the library and its extensions.
    package static func installation(environment: [String: String]) -> String {
        let dataHome = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let base = dataHome ?? (environment["HOME"] ?? "") + "/.local/share"
        return base + "/reprocess/duckdb/" + installedVersion
    }

    /// Every place to try, the most deliberate one first.
    ///
    /// `DUCKDB_LIBRARY` is a user's own decision: where it is set, nothing else is tried.
    package static func candidates(environment: [String: String]) -> [LibraryLocation] {
        let installation = installation(environment: environment)
        if let chosen = environment["DUCKDB_LIBRARY"], !chosen.isEmpty {
            return [LibraryLocation(library: chosen, extensionDirectory: installation + "/extensions")]
        }
        // A folder that is not there holds no library: that is the usual case before set-up, not an error.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: installation)) ?? []
        let modules = names.filter { $0.hasPrefix("_duckdb") && $0.hasSuffix(".so") }.sorted()
        let installed = LibraryLocation(library: "libduckdb.so", extensionDirectory: installation + "/extensions")
        return [installed]
            + modules.map {
                LibraryLocation(library: installation + "/" + $0, extensionDirectory: installation + "/extensions")
            }
    }

    package init(library: String, extensionDirectory: String?) {
        self.library = library
        self.extensionDirectory = extensionDirectory
        prerequisite = LibraryLocation.pythonLibrary(forModule: library)
    }

    /// The CPython library that a Python module needs, from the tag in the module's name: `_duckdb.cpython-311-…`.
    package static func pythonLibrary(forModule path: String) -> String? {
        let name = path.split(separator: "/").last ?? ""
        guard let tag = name.firstRange(of: ".cpython-") else { return nil }
        let digits = name[tag.upperBound...].prefix { $0.isASCII && $0.isNumber }
        guard digits.count >= 2, let major = digits.first else { return nil }
        return "libpython\(major).\(digits.dropFirst()).so.1.0"
    }
}
