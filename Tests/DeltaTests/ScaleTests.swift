import Foundation
import TestSupport
import Testing

/// Logs as long as those of old tables.
///
/// The times are printed, not judged: other processes share the machine.
struct ScaleTests {
    @Test(.timeLimit(.minutes(5))) func `A log of 10,000 entries is read in bounded memory`() async throws {
        let folder = try TemporaryDirectory()
        let log = SampleLog(folder.appending("orders"))
        try log.create()
        for version in 1..<10_000 {
            let day = SampleLog.day(version % 365)
            try log.write(
                [log.transaction(day, Int64(version)), log.add("order_date=\(day)/part-\(version).parquet", day)]
                    + (version > 365 ? [log.remove("order_date=\(day)/part-\(version - 365).parquet", day)] : []),
                version: Int64(version))
        }
        let answer = try await measure(folder.appending("orders"), "order_date")
        #expect(answer.contains("version 9999 files 365 values 365"))
        print("10,000 entries: \(answer)")
    }

    @Test(.timeLimit(.minutes(5))) func `A checkpoint of 300,000 files is read in bounded memory`() async throws {
        let folder = try TemporaryDirectory()
        _ = try await Python.run("big_checkpoint.py", [folder.appending("orders"), "300000"])
        // Only the checkpoint is left, as after the log has been cleaned up.
        try FileManager.default.removeItem(atPath: folder.appending("orders/_delta_log/00000000000000000000.json"))
        let answer = try await measure(folder.appending("orders"), "d")
        #expect(answer.contains("version 0 files 300000"))
        print("300,000 files: \(answer)")
    }

    /// What a process of its own says that it took.
    private func measure(_ root: String, _ column: String) async throws -> String {
        let probe = try RunningProcess(RunningProcess.built("DeltaProbe"), ["read", root, column])
        try #require(try await probe.wait(timeout: .seconds(240)) == .exited(0), "\(probe.errorOutput)")
        let output = probe.output
        let peak = try #require(output.split(separator: "peak ").last.flatMap { Int($0.split(separator: "\n")[0]) })
        // Generous: DuckDB's own limit is 1 GB. Reading everything at once would take several.
        #expect(peak < 1_500_000, "\(output)")
        return output.split(separator: "\n").joined(separator: ", ")
    }
}
