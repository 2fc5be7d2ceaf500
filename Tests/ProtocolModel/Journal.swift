/// What the file system has been told, in order, and how much of it is sure to survive a power cut.
///
/// The model is that of a journalled file system: of what was not synced any beginning may survive, and each operation
/// survives whole or not at all. An operation is synced when every folder whose names it changes has been synced after it;
/// syncing one of the two folders of an exchange is not enough.
struct Journal {
    static let root: UInt8 = 1
    static let contents: UInt8 = 2
    /// Where replaced generations are kept; never synced.
    static let previous: UInt8 = 4
    static func stagings(_ key: Int) -> UInt8 { 8 &<< UInt8(truncatingIfNeeded: key) }

    /// How many operations fit; a schedule has far fewer.
    static let capacity = 512

    private var operations = InlineArray<512, DiskOperation>(repeating: DiskOperation(.makeStaging, 0))
    private var folders = InlineArray<512, UInt8>(repeating: 0)
    private(set) var count = 0
    /// So many operations from the beginning survive.
    private(set) var durableCount = 0

    subscript(_ place: Int) -> DiskOperation { mutating get { operations[place] } }

    mutating func append(_ operation: DiskOperation, folders changed: UInt8) {
        precondition(count < Journal.capacity, "A schedule has more steps than the journal has room for.")
        operations[count] = operation
        folders[count] = changed
        count += 1
    }

    /// Syncs the names of one folder.
    mutating func sync(_ folder: UInt8) {
        var place = count
        while place > durableCount {
            place -= 1
            folders[place] &= ~folder
            if folders[place] == 0 {
                durableCount = place + 1
                // What lies before has the bit still, and is durable all the same.
                return
            }
        }
    }

    /// Forgets the operations that a power cut has undone; the rest is on the disk.
    mutating func cut(to surviving: Int) {
        count = surviving
        durableCount = surviving
    }
}

extension ModelDisk {
    /// Writes the names of the table's folder to the disk.
    package mutating func syncRoot() { journal.sync(Journal.root) }

    /// Writes the names of a partition's staging folder to the disk.
    package mutating func syncStagings(_ key: Int) { journal.sync(Journal.stagings(key)) }

    /// Writes what an attempt has staged to the disk, names included.
    package mutating func syncStaged(_ attempt: Int) -> DiskOperation.Answer {
        guard names[Int(keyOfAttempt[attempt])].staging & (1 &<< UInt64(attempt)) != 0 else { return .missing }
        folders[Int(stagingFolder[attempt])].isSynced = true
        journal.sync(Journal.contents)
        return .done
    }

    /// Whether a power cut can take the visible generation of an attempt back.
    package mutating func isDurable(generationOf attempt: Int) -> Bool {
        let folder = folders[ModelDisk.folder(of: attempt)]
        return folder.wasVisible && folder.isSynced && Int(folder.visibleAt) < journal.durableCount
    }

    /// How many operations have not been synced.
    package var unsyncedCount: Int { mutating get { journal.count - journal.durableCount } }

    /// Cuts the power: of what was not synced, so many operations survive, and the contents of unsynced files do not.
    package mutating func cutPower(keeping survivors: Int) {
        var restored = ModelDisk()
        restored.fences = fences
        restored.keyOfAttempt = keyOfAttempt
        restored.journal = journal
        restored.journal.cut(to: 0)
        var place = 0
        let end = journal.durableCount + survivors
        while place < end {
            let operation = restored.journal[place]
            _ = restored.perform(operation.kind, Int(operation.subject))
            place += 1
        }
        restored.journal.cut(to: end)
        var folder = 1
        while folder < ModelDisk.capacity + 1 {
            restored.folders[folder].isSynced = folders[folder].isSynced
            if !folders[folder].isSynced, !restored.isEmpty(folder) { restored.folders[folder].isTorn = true }
            folder += 1
        }
        self = restored
    }
}
