internal import Partitions
internal import ProgressStore

/// The rule by which a partition is run or skipped: a pure function of its row, the transform and the selection.
struct PlanDecision: Sendable {
    let transformVersion: String
    let selection: Selection
    /// The table that the job writes; nil for a job without a target.
    var tableIdentity: String?
    /// Whether what a partition was made of decides as well.
    var comparesSources = false

    /// Decides for a partition; `row` is nil where the ledger has never heard of it.
    func reason(for row: PlanRow?) -> BackfillPlan.Reason {
        let state = state(of: row)
        if state.isRun {
            guard isSelected(state) else { return .notSelected }
            return row?.isClaimedByOtherJob == true ? .runningInOtherJob : state
        }
        guard selection == .all, state == .complete else { return state }
        return row?.isClaimedByOtherJob == true ? .runningInOtherJob : .forced
    }

    private func state(of row: PlanRow?) -> BackfillPlan.Reason {
        guard let row else { return .missing }
        switch row.status {
        case .pending: return .missing
        case .running: return row.isLeaseExpired ? .workerLost : .runningElsewhere
        case .held:
            // What another version made, and nobody has decided about, is what this version is to put right.
            guard let version = row.transformVersion, version != transformVersion else { return .held }
            return .staleTransform
        case .failed: return .failed
        case .cancelled: return .cancelled
        case .complete:
            // A row without a version was marked by hand or carried over: it counts for every version.
            if let version = row.transformVersion, version != transformVersion { return .staleTransform }
            if let made = row.tableIdentity, let tableIdentity, made != tableIdentity { return .staleTarget }
            return .complete
        }
    }

    private func isSelected(_ reason: BackfillPlan.Reason) -> Bool {
        switch selection {
        case .unfinished, .all: true
        case .missing: reason == .missing || reason == .cancelled || reason == .workerLost
        case .failed: reason == .failed
        case .stale: reason == .staleTransform || reason == .staleTarget
        }
    }
}
