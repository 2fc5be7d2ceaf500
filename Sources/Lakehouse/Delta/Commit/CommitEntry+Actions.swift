extension CommitEntry {
    /// What a reader of the log finds in the text of these entries, where none of them changes the table itself.
    static func actions(of members: [CommitEntry], transactionID: String) -> [DeltaAction] {
        let info = CommitInfo(
            transactionID: transactionID, engineInfo: CommitInfo.engine,
            inCommitTimestamp: members.first?.header.inCommitTimestamp?.value)
        return [.commitInfo(info)] + members.flatMap(\.changedFiles)
    }

    private var changedFiles: [DeltaAction] {
        [.transaction(transaction)] + removed.map { .remove(remove($0)) } + added.map { .add($0) }
    }
}
