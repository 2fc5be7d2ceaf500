internal import ProgressStore

/// What the connected user may not do in the ledger, although a run needs it.
enum LackOfRights {
    /// The number of rights that are named.
    private static let named = 3

    /// A sentence with the repair; nil where nothing is missing.
    static func examine(_ ledger: Ledger) async throws -> String? {
        let missing = try await ledger.missingRightsForRun()
        guard !missing.isEmpty else { return nil }
        let shown = missing.prefix(named).joined(separator: ", ")
        let more = missing.count > named ? " and \(missing.count - named) more" : ""
        let user = try await ledger.currentUser()
        let worker = try await ledger.roles().first { $0.role == .worker }
        let repair =
            if let worker, worker.exists, worker.missingRights.isEmpty {
                "Have its owner run: GRANT \(worker.name) TO \"\(user)\"."
            } else {
                "Have its owner run 'reprocess roles --create'; 'reprocess roles' then says how to give '\(user)' a role."
            }
        return "the user '\(user)' lacks what a run needs: \(shown)\(more). \(repair)"
    }
}
