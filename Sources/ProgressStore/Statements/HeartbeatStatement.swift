/// Extends leases and asks what is wanted of the run.
struct HeartbeatStatement: Statement {
    static let source = PackageResources.heartbeat_sql
    static let isInterruptible = true

    /// There must be time for a second try before the lease ends.
    var answerLimit: Duration? { max(lease / 3, .seconds(5)) }

    let job: String
    let run: Int64
    let tokens: [ClaimToken]
    let lease: Duration
    let worker: WorkerIdentity

    var parameters: [String?] {
        let columns = TokenColumns(tokens)
        return [
            job, "\(run)", columns.keys, columns.fences, columns.claimIDs, "\(lease.seconds)", worker.name, worker.host,
            "\(worker.processID)",
        ]
    }

    /// What is wanted of the run, nil where the ledger has no such run; and an attempt whose lease was extended.
    static func row(_ row: RowReader) throws(LedgerError) -> (control: RunControl?, held: ClaimToken?) {
        var control: RunControl?
        if let text = row.text(0) {
            guard let known = RunControl(rawValue: text) else {
                throw LedgerError(
                    .malformed,
                    "The ledger asks for '\(ErrorText.cleaned(text, limit: 100))' of the run, which this program does "
                        + "not understand. Upgrade reprocess on this machine.")
            }
            control = known
        }
        guard row.text(1) != nil else { return (control, nil) }
        return (
            control, ClaimToken(key: try row.key(1), fence: try row.requiredInteger(2), claimID: try row.uuid(3))
        )
    }
}
