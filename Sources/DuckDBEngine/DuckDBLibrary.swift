internal import CDuckDB
internal import Synchronization

/// DuckDB's library, loaded into this process at most once.
package struct DuckDBLibrary: Sendable, Hashable {
    /// The version, such as `1.5.5`.
    package let version: String
    /// Where the library was found.
    package let location: LibraryLocation

    private static let loaded = Mutex<DuckDBLibrary?>(nil)

    /// Loads the library from the first place that has it; later calls return what the first one loaded.
    ///
    /// This call blocks, for some ten milliseconds the first time.
    package static func load(environment: [String: String]) throws(DuckDBError) -> DuckDBLibrary {
        try loaded.withLock { library throws(DuckDBError) in
            if let library { return library }
            let found = try open(LibraryLocation.candidates(environment: environment))
            library = found
            return found
        }
    }

    private static func open(_ candidates: [LibraryLocation]) throws(DuckDBError) -> DuckDBLibrary {
        var failures: [String] = []
        for candidate in candidates {
            var detail = [CChar](repeating: 0, count: 1024)
            let outcome = reprocess_duckdb_load(candidate.library, candidate.prerequisite, &detail, detail.count)
            let text = String(decoding: detail.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            switch outcome {
            case REPROCESS_DUCKDB_LOADED:
                return try check(DuckDBLibrary(version: loadedVersion(), location: candidate))
            case REPROCESS_DUCKDB_SYMBOL_MISSING:
                throw DuckDBError(
                    .libraryUnsuitable,
                    "The library '\(candidate.library)' has no function '\(text)': it is not DuckDB 1.5. \(advice)")
            default:
                failures.append(text)
            }
        }
        throw DuckDBError(
            .libraryMissing, "DuckDB's library could not be loaded (\(failures.joined(separator: "; "))). \(advice)")
    }

    private static func check(_ library: DuckDBLibrary) throws(DuckDBError) -> DuckDBLibrary {
        guard library.version.hasPrefix("1.5.") else {
            throw DuckDBError(
                .libraryUnsuitable,
                "The library '\(library.location.library)' is DuckDB \(library.version), but 1.5 is needed. \(advice)")
        }
        return library
    }

    private static func loadedVersion() -> String {
        guard let text = duckdb_library_version() else { return "unknown" }
        let version = String(cString: text)
        return version.hasPrefix("v") ? String(version.dropFirst()) : version
    }

    private static let advice =
        "Run scripts/setup, which installs DuckDB \(LibraryLocation.installedVersion), or set DUCKDB_LIBRARY to the "
        + "path of a libduckdb.so of version 1.5."
}
