internal import PartitionBackfill
internal import ReprocessCLI
internal import Transforms

/// A job without a target whose transform does nothing: what remains is the cost of claiming and recording.
@main
struct NoOp: BackfillApplication {
    static let jobs = [
        Job(
            name: "noop", partitioning: Partitioning(column: "hour", every: .hour), target: nil,
            transform: .closure { _ in }, version: "1")
    ]
}
