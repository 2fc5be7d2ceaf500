internal import Foundation

/// The Python of the tests, with independent readers of the formats that are written here.
public enum PythonEnvironment {
    /// The path of its interpreter, as `scripts/setup --tests` makes it.
    ///
    /// It has `duckdb`, `pyarrow`, `polars`, `deltalake` and `psycopg`.
    public static var interpreter: String {
        get throws {
            let environment = ProcessInfo.processInfo.environment
            let home = environment["HOME"] ?? NSHomeDirectory()
            let data = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home + "/.local/share"
            let path = data + "/reprocess/test-venv/bin/python"
            guard access(path, X_OK) == 0 else {
                throw TestSupportError("\(path) is missing: run scripts/setup --tests.")
            }
            return path
        }
    }
}
