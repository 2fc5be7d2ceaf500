internal import Foundation
internal import ProgressStore
internal import Transforms

/// Whether the batches that earlier attempts have finished stand for the work of this one: a pure function of what is
/// recorded.
struct BatchInheritance {
    let batching: Batching
    let transformVersion: String
    /// Of what sources the partition is made now; nil where nobody can tell.
    let sourceIdentity: String?

    /// The batches as a transform knows them; nil where the partition has to begin anew.
    ///
    /// They count together or not at all: made by the same version of the transform, of the same sources, cut by the same
    /// columns, and one after the other without a gap.
    func finished(_ recorded: [RecordedBatch]) -> [FinishedBatch]? {
        guard sourceIdentity != nil else { return nil }
        var finished: [FinishedBatch] = []
        for (number, batch) in zip(0..., recorded.map(\.checkpoint)) {
            guard batch.number == number, batch.transformVersion == transformVersion,
                batch.sourceIdentity == sourceIdentity, let range = range(of: batch),
                number == 0 || range.from == finished[number - 1].range.to,
                let fields = try? JSONDecoder().decode([String: String].self, from: Data(batch.fields.utf8))
            else { return nil }
            finished.append(
                FinishedBatch(
                    number: number, range: range, rows: batch.rows, bytes: batch.bytes, size: batch.batchSize,
                    fields: fields))
        }
        return finished
    }

    /// What a batch has read; nil where its keys are others than those by which batches are cut now.
    private func range(of batch: BatchCheckpoint) -> BatchRange? {
        let from = batch.firstKey.map(BatchKey.init(json:))
        let to = batch.nextKey.map(BatchKey.init(json:))
        for key in [from, to] {
            guard let key else { continue }
            guard let key, key.columns == batching.by else { return nil }
        }
        return BatchRange(from: from ?? nil, to: to ?? nil)
    }
}
