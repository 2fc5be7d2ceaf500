internal import Lakehouse
internal import ProgressStore

/// Whether what a lost worker published stands for the work of a later attempt: a pure function of the history.
///
/// A worker that dies between its publish and its record leaves a generation that is complete and that nobody has
/// recorded. Whoever takes the partition over records it; where that one dies too, the next one does, however long the
/// chain becomes.
struct Adoption {
    /// Every attempt at the partition, oldest first.
    let history: [AttemptRow]
    /// The attempt that may adopt.
    let claim: ClaimToken
    /// The version of the transform that is wanted.
    let version: String

    /// Judges the generation that an attempt has written.
    ///
    /// Ask only about what the table held after the later attempt had begun: from then on it cannot change any more.
    func isAdoptable(writtenBy writer: Writer) -> Bool {
        guard writer.fence < claim.fence,
            let place = history.lastIndex(where: { $0.fence == writer.fence && $0.claimID == writer.claimID })
        else { return false }
        guard history[place].outcome == "LOST", history[place].transformVersion == version else { return false }
        // What an undo puts back was asked for by a person, and is not what a run is for. Nor has an undo wanted what was
        // there before it to be recorded.
        guard history[place...].allSatisfy({ $0.kind != .undo }) else { return false }
        // What ended in any other way was judged by somebody since, who wants the partition done anew; so does who has
        // reopened it, from where attempts are counted from one again.
        return history[(place + 1)...].allSatisfy {
            $0.fence > claim.fence
                || $0.attempt > 1 && ($0.fence == claim.fence || ["LOST", "RELEASED", "RETRY"].contains($0.outcome))
        }
    }
}
