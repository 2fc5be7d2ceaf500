internal import DuckDBEngine
internal import Foundation
internal import Synchronization

/// The one database instance of an engine, opened when it is first needed, and what all its sessions learn.
final class DuckDBInstance: Sendable {
    /// A statement and the partition column that it is staged for.
    struct ShapeKey: Sendable, Hashable {
        let query: Query
        let column: String
    }

    /// Lets statements wait that would only crowd the processors.
    let slots: EngineSlots
    private let share: EngineShare
    private let options: EngineOptions
    private let environment: [String: String]
    private let database = Mutex<Database?>(nil)
    private let shapes = Mutex<[ShapeKey: ResultLayout]>([:])
    private let remeasured = Mutex(0)
    private let checkedTexts = Mutex<Set<String>>([])

    init(options: EngineOptions, environment: [String: String]) {
        self.options = options
        share = EngineShare(
            threads: options.threads ?? ProcessInfo.processInfo.activeProcessorCount, sessions: options.sessions)
        slots = EngineSlots(count: share.statements)
        self.environment = environment
    }

    /// The version of DuckDB; nil until it was loaded.
    var version: String? { database.withLock { $0?.library.version } }

    /// Opens a connection, and before the first one the instance.
    ///
    /// This call blocks; of several first ones, all but one wait.
    func connect() throws(DuckDBError) -> Connection {
        let opened = try database.withLock { database throws(DuckDBError) in
            if let database { return database }
            let opened = try open()
            database = opened
            return opened
        }
        return try opened.connect()
    }

    /// The threads of the instance where memory suffices for all of them.
    var threads: Int { share.threadsEach }

    /// Takes fewer threads, or more again up to all.
    ///
    /// This call blocks until those that are too many have ended what they are at.
    func use(threads count: Int) throws(DuckDBError) {
        let threads = max(1, min(count, threads))
        guard let database = database.withLock({ $0 }) else { return }
        _ = try database.connect().run("SET GLOBAL threads = \(threads)", in: CancellationScope())
    }

    private func open() throws(DuckDBError) -> Database {
        // DuckDB names its spill files alike in every process: a folder shared by two would mix their data.
        let parent = options.spillParent(environment: environment)
        let spill = SpillFolder(in: parent)
        // Where none can be made, DuckDB says so when it needs one, under a name that nobody cleans up.
        let folder = spill?.path ?? "\(parent)/reprocess-duckdb-\(UUID().uuidString.lowercased())"
        let database = try Database(
            options: DatabaseOptions(
                memoryLimit: options.memoryLimit, threads: share.threadsEach, temporaryDirectory: folder),
            environment: environment, keeping: spill)
        try database.enableMeasuring()
        // A partition is a calendar value: what the machine's zone is must not change a result.
        _ = try database.connect().run("SET GLOBAL TimeZone = 'UTC'", in: CancellationScope())
        if !options.keepsFilesInMemory {
            _ = try database.connect().run("SET GLOBAL enable_external_file_cache = false", in: CancellationScope())
        }
        return database
    }

    /// How often rows were not measured while they were written and had to be read again, which should never be.
    var remeasuredCount: Int { remeasured.withLock { $0 } }

    /// Counts that rows have to be read again.
    func noteRemeasured() { remeasured.withLock { $0 += 1 } }

    /// What the results of a statement were like in the last partition; a guess for the next one.
    func layout(of key: ShapeKey) -> ResultLayout? { shapes.withLock { $0[key] } }

    /// Remembers what the results of a statement are like.
    func remember(_ layout: ResultLayout, of key: ShapeKey) { shapes.withLock { $0[key] = layout } }

    /// Whether a text was found to be one SELECT.
    func isChecked(_ text: String) -> Bool { checkedTexts.withLock { $0.contains(text) } }

    /// Remembers that a text is one SELECT.
    func rememberChecked(_ text: String) {
        checkedTexts.withLock { texts in
            // Closures make a new text for each partition: forget the old ones instead of growing for ever.
            if texts.count >= 256 { texts.removeAll() }
            texts.insert(text)
        }
    }
}
