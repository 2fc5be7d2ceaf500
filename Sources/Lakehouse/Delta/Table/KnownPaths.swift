internal import Synchronization

/// Folders that this process knows to be on the disk, name included.
final class KnownPaths: Sendable {
    private struct State {
        var paths: Set<String> = []
        var surveyed: Set<String> = []
    }

    /// Of a folder with more names the others are looked after one by one.
    private static let mostNames = 20_000

    private let state = Mutex(State())

    func contains(_ path: String) -> Bool { state.withLock { $0.paths.contains(path) } }

    func insert(_ path: String) { _ = state.withLock { $0.paths.insert(path) } }

    /// Takes note of what is in a folder, with one sync for all of it instead of one for each.
    ///
    /// A name that was there before the sync began is on the disk after it, whoever made it.
    ///
    /// - Returns: Whether the folder was looked into now; it is once only.
    func survey(_ folder: String, _ failedSyncs: FailedSyncs, _ writer: Writer) throws -> Bool {
        guard state.withLock({ $0.surveyed.insert(folder).inserted }) else { return false }
        let handle = try DirectoryHandle(opening: folder)
        var names: [String] = []
        try handle.forEachEntry { entry in
            if entry.kind == .directory { names.append(folder + "/" + entry.name) }
            return names.count < KnownPaths.mostNames
        }
        try failedSyncs.remembering(writer) { try handle.sync() }
        state.withLock { $0.paths.formUnion(names) }
        return true
    }
}
