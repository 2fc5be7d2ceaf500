/// The time of a version in a table that keeps such times: later than that of the version before, whatever the clocks say
/// ("In-Commit Timestamps", "Writer Requirements").
struct InCommitTimestamp: Hashable {
    /// The time of the version that the entry follows.
    let previous: Int64
    /// The entry's own.
    let value: Int64

    init(now: Int64, previous: Int64) {
        self.previous = previous
        value = max(now, previous + 1)
    }

    /// Whether an entry that has been written may follow the version that another entry, made now, follows.
    static func isInOrder(_ written: InCommitTimestamp?, after made: InCommitTimestamp?) -> Bool {
        switch (written, made) {
        case (nil, nil): true
        case (let written?, let made?): written.value > made.previous
        default: false
        }
    }
}
