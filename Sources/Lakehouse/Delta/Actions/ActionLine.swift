internal import Foundation

/// One line of a log entry or of a checkpoint in JSON.
struct ActionLine: Decodable {
    private var commitInfo: CommitInfo?
    private var `protocol`: DeltaProtocol?
    private var metaData: DeltaMetadata?
    private var txn: ApplicationTransaction?
    private var add: AddedFile?
    private var remove: RemovedFile?
    private var domainMetadata: DomainMetadata?
    private var sidecar: SidecarFile?

    /// Reads a line; nil where it is an action that is not needed.
    static func action(in line: Data, _ decoder: JSONDecoder) throws -> DeltaAction? {
        try decoder.decode(ActionLine.self, from: line).action
    }

    private var action: DeltaAction? {
        if let add { return .add(add) }
        if let remove { return .remove(remove) }
        if let txn { return .transaction(txn) }
        if let commitInfo { return .commitInfo(commitInfo) }
        if let metaData { return .metadata(metaData) }
        if let `protocol` { return .protocol(`protocol`) }
        if let domainMetadata { return .domain(domainMetadata) }
        if let sidecar { return .sidecar(sidecar) }
        return nil
    }
}

extension CommitInfo: Decodable {
    private enum CodingKeys: String, CodingKey { case txnId, engineInfo, inCommitTimestamp }

    /// Reads what is there in the expected form: other writers put there what they like.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        transactionID = try? fields.decodeIfPresent(String.self, forKey: .txnId)
        engineInfo = try? fields.decodeIfPresent(String.self, forKey: .engineInfo)
        inCommitTimestamp = try? fields.decodeIfPresent(Int64.self, forKey: .inCommitTimestamp)
    }
}
