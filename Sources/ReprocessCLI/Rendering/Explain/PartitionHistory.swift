internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// All that is known of one partition.
struct PartitionHistory: Sendable {
    let job: String
    let key: PartitionKey
    /// The version of the job's transform as it is now.
    let transformVersion: String
    /// Its row; nil where nobody planned or marked it.
    let row: ProgressRow?
    let attempts: [AttemptRow]
    /// What the attempts brought, by their fences.
    var judged: [Int64: Judged] = [:]
    /// What persons decided, oldest first.
    var decisions: [DecisionRow] = []
    /// What `undo` would do with it; nil where nothing was ever published, or nobody could tell.
    var undo: UndoOutcome?
    let now: Date

    /// What happened, in order of time; a decision comes before the attempt that carries it out.
    var events: [PartitionEvent] {
        let attempts = attempts.indices.map { PartitionEvent.attempt($0) }
        let decisions = decisions.map { PartitionEvent.decision($0) }
        return (decisions + attempts).enumerated().sorted { left, right in
            (moment(of: left.element), left.offset) < (moment(of: right.element), right.offset)
        }.map(\.element)
    }

    private func moment(of event: PartitionEvent) -> Date {
        switch event {
        case .attempt(let index): attempts[index].startedAt
        case .decision(let decision): decision.decidedAt
        }
    }
}

/// Something that happened to a partition.
enum PartitionEvent: Sendable, Hashable {
    /// An attempt, by its place.
    case attempt(Int)
    case decision(DecisionRow)
}
