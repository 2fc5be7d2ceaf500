internal import Foundation
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// What was found of one partition: everything that the rule decides on.
struct PartitionEvidence: Sendable, Hashable {
    /// What the ledger recorded.
    var row: CompleteRow
    /// The attempt that the row's version names; nil where it names none.
    var recordedWriter: Writer?
    /// What readers see; nil where there is no folder.
    var inspection: PartitionInspection?
    /// What the ledger knows of the attempt that readers see; nil where it was not asked, or does not know it.
    var visibleAttempt: KnownAttempt?
    /// What the files say of themselves, by path; empty where they were not read.
    var readings: [String: ParquetReading] = [:]
}

/// How ledger and table stand to each other on a partition.
enum Verdict: Sendable, Hashable {
    /// The table holds what the ledger recorded.
    case agrees
    /// The table holds the rows that the ledger recorded, in other files: another program has rearranged them.
    case rearranged
    /// Somebody marked the row by hand: there is no more to compare than that the partition is there.
    case recordedByHand
    /// Another job has replaced the partition since, as the same ledger knows.
    case superseded(byJob: String)
    /// They do not agree.
    case differs([Difference])
}

/// Compares ledger and table: a pure function of the evidence.
struct VerificationRule: Sendable {
    let job: String
    let tableIdentity: String

    /// Whether it is the recorded attempt's generation that readers see, so that its files are worth reading.
    static func isRecorded(_ evidence: PartitionEvidence) -> Bool {
        guard let version = evidence.row.tableVersion, let inspection = evidence.inspection else { return false }
        return inspection.version == version
    }

    /// Judges a partition.
    func verdict(on evidence: PartitionEvidence) -> Verdict {
        let row = evidence.row
        guard let inspection = evidence.inspection, !inspection.files.isEmpty || !inspection.problems.isEmpty else {
            return .differs([.gone(recordedTable: row.tableIdentity.flatMap { $0 == tableIdentity ? nil : $0 })])
        }
        guard row.tableVersion != nil else { return .recordedByHand }
        guard let writer = inspection.writer else {
            let files = inspection.files.map { Self.name($0.path) }
            return .differs((files.isEmpty ? [] : [.foreignFiles(files)]) + Self.differences(inspection.problems))
        }
        guard VerificationRule.isRecorded(evidence) else { return otherGeneration(writer, inspection, evidence) }
        let differences = differences(inspection, evidence)
        guard differences.isEmpty else { return .differs(differences) }
        return inspection.isRearranged ? .rearranged : .agrees
    }

    private func otherGeneration(
        _ writer: Writer, _ inspection: PartitionInspection, _ evidence: PartitionEvidence
    ) -> Verdict {
        let origin = origin(writer, evidence)
        if origin == .later, let other = evidence.visibleAttempt?.job, other != job {
            return .superseded(byJob: other)
        }
        return .differs([.otherGeneration(origin, fence: writer.fence)])
    }

    private func origin(_ writer: Writer, _ evidence: PartitionEvidence) -> Difference.Origin {
        guard let attempt = evidence.visibleAttempt, attempt.claimID == writer.claimID else { return .unknown }
        // Both as the ledger has them: a table that was moved with its folder has another name by now.
        let isOtherTable = attempt.tableIdentity.map { $0 != evidence.row.tableIdentity ?? $0 } ?? false
        guard attempt.key == evidence.row.key, !isOtherTable else {
            return .otherPartition(job: attempt.job, attempt.key)
        }
        if writer.fence < evidence.recordedWriter?.fence ?? evidence.row.fence { return .earlier }
        // Of another job the ledger may just be about to learn that its attempt is done.
        let isRecorded = ["COMPLETE", "ADOPTED"].contains(attempt.outcome) || attempt.isLive
        return isRecorded ? .later : .unrecorded(outcome: attempt.outcome)
    }

    private func differences(_ inspection: PartitionInspection, _ evidence: PartitionEvidence) -> [Difference] {
        var differences = Self.differences(inspection.problems)
        // What is missing is short of bytes and rows as well: once is enough.
        if inspection.problems.contains(where: { if case .filesMissing = $0 { true } else { false } }) {
            return differences
        }
        let saysSize = inspection.problems.contains { if case .size = $0 { true } else { false } }
        // The same rows in other files take another space.
        if !saysSize, !inspection.isRearranged, let recorded = evidence.row.bytesWritten, recorded != inspection.bytes {
            differences.append(.bytes(found: inspection.bytes, recorded: recorded))
        }
        return differences + contentDifferences(inspection, evidence)
    }

    private static func differences(_ problems: [PartitionInspection.Problem]) -> [Difference] {
        problems.map { problem in
            switch problem {
            case .filesMissing(let names, let count): .filesMissing(names, of: count)
            case .extraFiles(let names): .extraFiles(names)
            case .notFiles(let names): .notFiles(names)
            case .size(let found, let recorded): .bytes(found: found, recorded: recorded)
            case .rowsDeleted(let names, let rows): .rowsDeleted(names, rows: rows)
            }
        }
    }

    private func contentDifferences(
        _ inspection: PartitionInspection, _ evidence: PartitionEvidence
    ) -> [Difference] {
        var differences: [Difference] = []
        var rows: Int64 = 0
        var outside: Int64 = 0
        for file in inspection.files {
            switch evidence.readings[file.path] {
            case .readable(let fileRows, let fileOutside):
                rows += fileRows
                outside += fileOutside
            case .unreadable(let reason):
                differences.append(.unreadable(file: Self.name(file.path), reason: reason))
            case nil:
                differences.append(.unreadable(file: Self.name(file.path), reason: "the engine did not read it"))
            }
        }
        guard differences.isEmpty else { return differences }
        let recorded = evidence.row.rowsWritten ?? inspection.recordedRows ?? rows
        if rows != recorded || rows != inspection.recordedRows ?? rows {
            let other = rows != recorded ? recorded : inspection.recordedRows ?? rows
            differences.append(.rows(found: rows, recorded: other))
        }
        if outside > 0 { differences.append(.rowsOutside(outside)) }
        return differences
    }

    private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
