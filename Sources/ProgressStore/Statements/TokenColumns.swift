internal import Foundation
internal import Partitions

/// The three arrays by which statements name attempts.
struct TokenColumns: Sendable {
    let keys: String
    let fences: String
    let claimIDs: String

    init(_ tokens: some Sequence<ClaimToken>) {
        keys = ArrayText.texts(tokens.map { $0.key.description })
        fences = ArrayText.plain(tokens.map(\.fence))
        claimIDs = ArrayText.plain(tokens.map { $0.claimID.uuidString })
    }
}
