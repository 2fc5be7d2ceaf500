import Foundation
import TestSupport
import Testing

extension CrashHistory {
    /// Whether the program has the command that removes what dead workers left.
    private static let hasClean = Task {
        let end = try await FinishedProgram.run(
            try RunningProcess.built("reprocess"), ["clean", "--help"], directory: "/")
        return end.end == .exited(0)
    }

    /// Has everything removed that may go, and checks that nothing is left but the fences of each partition.
    func checkCleaned(_ location: SourceLocation = #_sourceLocation) async throws {
        guard try await CrashHistory.hasClean.value else { return }
        let before = try await Snapshot(of: crash)
        let cleaning = try await crash.project.run("clean", "--keep", "0s")
        #expect(cleaning.code == 0, "\(cleaning)", sourceLocation: location)
        let after = try await Snapshot(of: crash)
        #expect(after.partitions == before.partitions, sourceLocation: location)
        #expect(after.rows == before.rows, sourceLocation: location)
        #expect(after.attempts == before.attempts, sourceLocation: location)
        switch crash.format {
        case .hive: checkRecords(after, location)
        case .delta: checkEnds(after, location)
        }
    }

    /// Of each partition there is the record of what readers see, and the highest fence where that is another attempt's.
    private func checkRecords(_ after: Snapshot, _ location: SourceLocation) {
        for (key, partition) in after.partitions {
            let kept = after.stagings.filter { $0.hasPrefix(key) }.map { $0.dropFirst(key.count + 1) }.sorted()
            #expect(
                kept.first?.hasPrefix(partition.attempt + ".published-") == true, "\(kept)", sourceLocation: location)
            #expect(kept.count <= 2 && kept.dropFirst().allSatisfy { !$0.contains(".") }, sourceLocation: location)
            #expect(after.publishers[key] == [partition.attempt], sourceLocation: location)
        }
        let files = crash.project.files(below: "lake/orders.reprocess").filter { !$0.contains(".published-") }
        #expect(files.isEmpty, sourceLocation: location)
    }

    /// Of each partition there is at most one name, of an attempt that has ended, and beside them nothing.
    private func checkEnds(_ after: Snapshot, _ location: SourceLocation) {
        for key in after.partitions.keys {
            let kept = after.stagings.filter { $0.hasPrefix(key) }
            #expect(kept.count <= 1, "\(kept)", sourceLocation: location)
        }
        #expect(after.unfinishedStagings.isEmpty, sourceLocation: location)
        let files = crash.project.files(below: "lake/orders.reprocess").filter { !$0.hasSuffix(".ended") }
        #expect(files.isEmpty, sourceLocation: location)
    }
}
