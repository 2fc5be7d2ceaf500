import DuckDBEngine
import Foundation
import TestSupport
import Testing

struct LibraryTests {
    @Test(arguments: [
        ("/x/_duckdb.cpython-311-x86_64-linux-gnu.so", "libpython3.11.so.1.0"),
        ("/x/_duckdb.cpython-39-x86_64-linux-gnu.so", "libpython3.9.so.1.0"),
        ("/cpython-312/libduckdb.so", nil),
    ])
    func `a Python module needs the library of its own Python`(path: String, library: String?) {
        #expect(LibraryLocation.pythonLibrary(forModule: path) == library)
    }

    @Test func `a chosen library is the only one that is tried`() {
        let candidates = LibraryLocation.candidates(environment: ["DUCKDB_LIBRARY": "/a/lib.so", "HOME": "/home/x"])
        #expect(candidates.map(\.library) == ["/a/lib.so"])
    }

    @Test func `an installed library comes before the one of set-up`() throws {
        let folder = try TemporaryDirectory()
        let installation = folder.appending("reprocess/duckdb/1.5.5")
        try FileManager.default.createDirectory(atPath: installation, withIntermediateDirectories: true)
        let module = installation + "/_duckdb.cpython-311-x86_64-linux-gnu.so"
        try Data().write(to: URL(filePath: module))
        let candidates = LibraryLocation.candidates(environment: ["XDG_DATA_HOME": folder.path, "HOME": "/home/x"])
        #expect(candidates.map(\.library) == ["libduckdb.so", module])
        #expect(candidates.last?.prerequisite == "libpython3.11.so.1.0")
        #expect(candidates.last?.extensionDirectory == installation + "/extensions")
    }

    @Test func `a library that is not DuckDB is refused by name`() async throws {
        await #expect(processExitsWith: .success) {
            do throws(DuckDBError) {
                _ = try DuckDBLibrary.load(environment: ["DUCKDB_LIBRARY": "libm.so.6"])
                exit(1)
            } catch {
                let names = error.message.contains("libm.so.6") && error.message.contains("scripts/setup")
                exit(names && error.kind == .libraryUnsuitable ? 0 : 2)
            }
        }
    }

    @Test func `a missing library names set-up and the variable`() async throws {
        await #expect(processExitsWith: .success) {
            do throws(DuckDBError) {
                _ = try DuckDBLibrary.load(environment: ["HOME": "/nowhere", "LD_LIBRARY_PATH": ""])
                exit(1)
            } catch {
                let names = error.message.contains("scripts/setup") && error.message.contains("DUCKDB_LIBRARY")
                exit(names && error.kind == .libraryMissing ? 0 : 2)
            }
        }
    }

    @Test func `opening the library starts no Python`() throws {
        _ = try DuckDBLibrary.load(environment: ProcessInfo.processInfo.environment)
        let handle = dlopen(nil, RTLD_LAZY)
        typealias Query = @convention(c) () -> Int32
        guard let symbol = dlsym(handle, "Py_IsInitialized") else { return }
        #expect(unsafeBitCast(symbol, to: Query.self)() == 0)
    }
}
