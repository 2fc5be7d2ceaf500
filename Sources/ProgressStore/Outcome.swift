/// What an attempt brought, as it is recorded with COMPLETE.
public struct CompletionFacts: Sendable, Hashable {
    /// Rows in the published generation.
    public var rowsWritten: Int64?
    /// Bytes of the published files.
    public var bytesWritten: Int64?
    /// The version of the transform that ran.
    public var transformVersion: String
    /// What the table calls the published generation.
    public var tableVersion: String?
    /// The versions of the tables that were read, by the paths of their folders.
    public var sourceVersions: [String: Int64]
    /// The generation had been published by a predecessor whose record was lost; nothing ran again.
    public var wasAdopted: Bool
    /// What the sources were when they were read; nil where that is not known, which counts for all that they may be.
    public var sourceIdentity: String?
    /// How the staged rows were judged.
    public var judgement: JudgementRecord?
    /// The table held the same rows already, and nothing was published.
    public var wasUnchanged: Bool
    /// What the attempt took.
    public var cost: AttemptCost

    /// Creates the facts.
    public init(
        rowsWritten: Int64? = nil, bytesWritten: Int64? = nil, transformVersion: String,
        tableVersion: String? = nil, sourceVersions: [String: Int64] = [:], wasAdopted: Bool = false,
        sourceIdentity: String? = nil, judgement: JudgementRecord? = nil, wasUnchanged: Bool = false,
        cost: AttemptCost = AttemptCost()
    ) {
        self.rowsWritten = rowsWritten
        self.bytesWritten = bytesWritten
        self.transformVersion = transformVersion
        self.tableVersion = tableVersion
        self.sourceVersions = sourceVersions
        self.wasAdopted = wasAdopted
        self.sourceIdentity = sourceIdentity
        self.judgement = judgement
        self.wasUnchanged = wasUnchanged
        self.cost = cost
    }
}

/// One attempt to be recorded as COMPLETE.
public struct Completion: Sendable, Hashable {
    /// The attempt.
    public var token: ClaimToken
    /// What it brought.
    public var facts: CompletionFacts

    /// Creates a completion.
    public init(token: ClaimToken, facts: CompletionFacts) {
        self.token = token
        self.facts = facts
    }
}

/// The ledger's answer to a mark.
///
/// A lost lease is a value, not an error.
public enum MarkOutcome: Sendable, Hashable {
    /// The mark is durable, now or by an earlier, ambiguous try of the same attempt.
    case recorded(Status)
    /// Another attempt has the partition, or it was reopened; nothing was changed.
    case fenced
}

/// What becomes of a partition whose attempt failed.
public enum FailureDirective: Sendable, Hashable {
    /// PENDING again, to be claimed after the delay.
    case retry(after: Duration)
    /// FAILED.
    case giveUp
}
