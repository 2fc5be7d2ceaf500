public import Foundation
public import Partitions

/// What an attempt staged that waits for a person, as it is recorded with HELD.
public struct HoldFacts: Sendable, Hashable {
    /// Rows staged.
    public var rowsWritten: Int64
    /// Bytes staged.
    public var bytesWritten: Int64
    /// The version of the transform that ran.
    public var transformVersion: String
    /// The versions of the tables that were read, by the paths of their folders.
    public var sourceVersions: [String: Int64]
    /// What the sources were when they were read.
    public var sourceIdentity: String?
    /// Why a person has to look.
    public var reason: String
    /// How the staged rows were judged.
    public var judgement: JudgementRecord?
    /// What the attempt took.
    public var cost: AttemptCost

    /// Creates the facts.
    public init(
        rowsWritten: Int64, bytesWritten: Int64, transformVersion: String, sourceVersions: [String: Int64] = [:],
        sourceIdentity: String? = nil, reason: String, judgement: JudgementRecord? = nil,
        cost: AttemptCost = AttemptCost()
    ) {
        self.rowsWritten = rowsWritten
        self.bytesWritten = bytesWritten
        self.transformVersion = transformVersion
        self.sourceVersions = sourceVersions
        self.sourceIdentity = sourceIdentity
        self.reason = reason
        self.judgement = judgement
        self.cost = cost
    }
}

/// A partition that waits for a person, with the attempt whose staged rows wait.
public struct HeldPartition: Sendable, Hashable {
    /// The attempt that is held.
    public var token: ClaimToken
    /// The run on whose behalf the attempt was made.
    public var runID: Int64?
    /// When it was held.
    public var heldAt: Date
    /// Why a person has to look.
    public var reason: String
    /// Rows staged.
    public var rowsWritten: Int64?
    /// Bytes staged.
    public var bytesWritten: Int64?
    /// The version of the transform that ran.
    public var transformVersion: String?
    /// What the sources were when they were read.
    public var sourceIdentity: String?
    /// The versions of the tables that were read, by the paths of their folders.
    public var sourceVersions: [String: Int64]
    /// How the staged rows were judged.
    public var judgement: JudgementRecord?
    /// Who made the attempt.
    public var worker: String
    /// The machine.
    public var host: String?

    /// The partition.
    public var key: PartitionKey { token.key }

    /// Creates a held partition.
    public init(
        token: ClaimToken, runID: Int64?, heldAt: Date, reason: String, rowsWritten: Int64?, bytesWritten: Int64?,
        transformVersion: String?, sourceIdentity: String? = nil, sourceVersions: [String: Int64] = [:],
        judgement: JudgementRecord? = nil, worker: String, host: String? = nil
    ) {
        self.token = token
        self.runID = runID
        self.heldAt = heldAt
        self.reason = reason
        self.rowsWritten = rowsWritten
        self.bytesWritten = bytesWritten
        self.transformVersion = transformVersion
        self.sourceIdentity = sourceIdentity
        self.sourceVersions = sourceVersions
        self.judgement = judgement
        self.worker = worker
        self.host = host
    }
}
