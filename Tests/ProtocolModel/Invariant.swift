/// What must hold after each step.
package enum Invariant: String, Sendable, CaseIterable {
    case oneLiveClaim = "at most one claim of a table's partition is live"
    case fenceGrows = "each claim of a partition has a higher fence than what was there before"
    case marksAreOwn = "a claim is ended by its own attempt, or after its lease"
    case liveWorkerKeepsClaim = "a worker whose heartbeats arrive is not robbed"
    case historyIsFinal = "an attempt that has ended keeps its outcome"
    case planIsFrozen = "a plan does not reopen what was claimed after it was made"
    case higherFenceStays = "after begin, no lower fence changes what readers see"
    case generationIsWhole = "readers see one whole generation"
    case completeMeansPublished = "COMPLETE means that the table holds the generation, or a later one"
    case completeIsOfItsVersion = "COMPLETE is said of what this version did since the partition was reopened"
    case completeMeansDurable = "COMPLETE survives a power cut"
    case executedOnce = "what a lost attempt has published is not executed again"
    case replacedIsKept = "a generation that readers have seen is kept, and nothing else is"
    case foreignIsNotLost = "files that another program wrote at the last moment are not replaced unseen"
    case everythingEnds = "without further faults every partition ends"
}
