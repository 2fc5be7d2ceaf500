internal import Foundation

/// Real data sets that tests read where they are present.
public enum SharedData {
    /// The folder of the data: `REPROCESS_TEST_DATA`, else `shared/data` beside the package; nil where neither exists.
    ///
    /// A test that needs it says so with `.enabled(if: SharedData.path != nil, "…")`, so that its absence shows.
    public static var path: String? {
        let candidate =
            ProcessInfo.processInfo.environment["REPROCESS_TEST_DATA"] ?? packageDirectory + "/../shared/data"
        guard let resolved = realpath(candidate, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The folder of this package.
    public static var packageDirectory: String {
        // Tests/TestSupport/SharedData.swift
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    }
}
