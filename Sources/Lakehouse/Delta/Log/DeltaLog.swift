internal import Glibc
internal import Synchronization

/// A table's log on disk, read once and then followed.
///
/// The folder is listed once; after that a look at the log costs one `stat` and one failing `open`.
final class DeltaLog: Sendable {
    /// `_delta_log`.
    let folder: String

    private struct State: Sendable {
        var replay: LogReplay
        /// The newest entry as it was found; nil where a checkpoint is all there is of the newest version.
        var newest: FileStatus?
        /// The entries of other programs, which may not be on the disk yet.
        var foreign: [Int64]
    }

    private let columnName: String
    private let noteVersion: @Sendable (borrowing LogReplay) -> Void
    private let state = Mutex<State?>(nil)
    private let entries = LogEntryReader()

    /// How often a log is read anew because another program removed old entries meanwhile.
    private static let attempts = 5

    /// Names the log of a table whose files are found by a partition column.
    ///
    /// - Parameters:
    ///   - root: The table's folder.
    ///   - column: The partition column.
    ///   - noteVersion: Called with the state at each version that comes after the log was opened, under the log's lock.
    init(
        root: String, column: String, noteVersion: @escaping @Sendable (borrowing LogReplay) -> Void = { _ in }
    ) {
        folder = root + "/_delta_log"
        columnName = column
        self.noteVersion = noteVersion
    }

    /// Reads what is new and lets a closure look at the table's state; nil where there is no table yet.
    ///
    /// The closure runs under the log's lock: let it take out what it needs.
    func withLatest<Result>(_ body: (borrowing LogReplay?) throws -> Result) throws -> Result {
        try state.withLock { state in
            try refresh(&state)
            let replay = state?.replay
            return try body(replay)
        }
    }

    /// The path of a version's entry.
    func path(of version: Int64) -> String { folder + "/" + LogFileName.ofEntry(version) }

    /// Brings the entries of other programs to the disk, once each.
    ///
    /// Most writers leave that to the kernel. After a power cut their entry could be empty and ours behind it whole, and
    /// the table would be unreadable.
    func syncForeignEntries() throws {
        try state.withLock { state in
            for version in state?.foreign ?? [] {
                // One that has gone was cleaned up: a checkpoint stands for it.
                _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
                    try FileSystem.syncFile(path(of: version))
                }
            }
            state?.foreign = []
        }
    }

    /// Every action of the entries after one version, up to another; nil where one of them has gone.
    func actions(after base: Int64, through last: Int64) throws -> [DeltaAction]? {
        var all: [DeltaAction] = []
        for version in base + 1..<last + 1 {
            guard let (actions, _) = try entries.actions(in: path(of: version)) else { return nil }
            all += actions
        }
        return all
    }

    /// Takes note of an entry that this process has just made a version, without reading it.
    ///
    /// Where the log is not as it was when the entry was judged, or cannot be looked at, nothing is noted: then the entry is
    /// read like any other, and whatever is wrong is told by whoever reads it.
    func note(_ actions: [DeltaAction], as version: Int64) {
        state.withLock { state in
            guard state?.replay.version == version - 1, (try? isSame(state)) == true,
                let status = try? FileSystem.status(of: path(of: version))
            else { return }
            apply(actions, version, status, to: &state)
        }
    }

    private func apply(_ actions: [DeltaAction], _ version: Int64, _ status: FileStatus, to state: inout State?) {
        state?.replay.apply(actions, version: version)
        state?.newest = status
        if !actions.contains(where: \.isOurs) { state?.foreign.append(version) }
        if let replay = state?.replay { noteVersion(replay) }
    }

    private func refresh(_ state: inout State?) throws {
        if try !isSame(state) { state = try load() }
        while state != nil, try readNext(&state) {}
    }

    /// Whether there is a state from which the log can be followed by counting on.
    ///
    /// Old entries go, oldest first, once a checkpoint stands for them. So while the newest entry that was read is there,
    /// as it was, the next one cannot have come and gone. Where it is not, the folder has to be listed.
    private func isSame(_ state: State?) throws -> Bool {
        guard let state else { return false }
        let version = state.replay.version
        if let newest = state.newest { return try FileSystem.status(of: path(of: version)) == newest }
        return try plan()?.version == version
    }

    private func readNext(_ state: inout State?) throws -> Bool {
        guard let version = state?.replay.version else { return false }
        guard let (actions, status) = try entries.actions(in: path(of: version + 1)) else { return false }
        apply(actions, version + 1, status, to: &state)
        return true
    }

    private func load() throws -> State? {
        for _ in 0..<DeltaLog.attempts {
            guard let plan = try plan() else { return nil }
            if let state = try read(plan) { return state }
        }
        throw TableError(
            .busy,
            "Another program keeps removing entries of \(folder) while they are read. Try again when it is done.")
    }

    /// What has to be read to know a version; nil where there is no log.
    func plan(through version: Int64) throws -> LogListing.Plan? {
        guard let plan = try plan() else { return nil }
        let first = (plan.checkpoint.first?.version ?? -1) + 1
        return LogListing.Plan(checkpoint: plan.checkpoint, entries: first <= version ? first...version : nil)
    }

    private func plan() throws -> LogListing.Plan? {
        guard let names = try listing() else { return nil }
        var listing = LogListing(names: names)
        do {
            return try listing.plan()
        } catch .empty {
            return nil
        } catch .gap(let missing) {
            // A listing may leave out a name that came while it was made, and show one that came after it.
            for version in missing where try FileSystem.status(of: path(of: version)) != nil {
                listing.insert(LogFileName.ofEntry(version))
            }
        } catch {
            throw describe(error)
        }
        do {
            return try listing.plan()
        } catch {
            throw describe(error)
        }
    }

    private func listing() throws -> [String]? {
        guard let folder = try DirectoryHandle.openIfPresent(folder) else { return nil }
        var names: [String] = []
        try folder.forEachEntry { entry in
            if entry.kind != .directory { names.append(entry.name) }
            return true
        }
        return names
    }

    /// Reads what was planned; nil where some of it has gone.
    private func read(_ plan: LogListing.Plan) throws -> State? {
        var replay = LogReplay(columnName: columnName)
        if !plan.checkpoint.isEmpty {
            guard try CheckpointReader(folder: folder).read(plan.checkpoint, into: &replay) else { return nil }
            replay.checkpoint = replay.version
        }
        var newest = plan.entries == nil ? try FileSystem.status(of: path(of: replay.version)) : nil
        var foreign: [Int64] = []
        for version in plan.entries.map(Array.init) ?? [] {
            var isOurs = false
            let status = try entries.forEachAction(in: path(of: version)) { action in
                replay.apply(action)
                isOurs = isOurs || action.isOurs
            }
            guard let status else { return nil }
            if !isOurs { foreign.append(version) }
            replay.version = version
            newest = status
        }
        guard replay.protocol != nil else { throw incomplete("protocol") }
        guard replay.metadata != nil else { throw incomplete("metaData") }
        return State(replay: replay, newest: newest, foreign: foreign)
    }

    private func describe(_ flaw: LogListing.Flaw) -> TableError {
        let what =
            switch flaw {
            case .empty: "has no entries"
            case .headless(let first):
                "begins with version \(first), and there is no complete checkpoint of the versions before it"
            case .gap(let missing): "lacks version \(missing.first ?? 0), although it has later ones"
            }
        return TableError(
            .refused, "The log \(folder) \(what). Nothing was changed. Restore the files that are missing.")
    }

    private func incomplete(_ action: String) -> TableError {
        TableError(
            .refused,
            """
            The log \(folder) has no \(action) action, which every Delta table has. Nothing was changed. Restore the \
            files that are missing.
            """)
    }
}
