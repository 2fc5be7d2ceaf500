/// The files of a table and of the folder beside it, as the publish protocol needs them.
///
/// Attempts are numbered in the order in which they were claimed, and a folder has the number of the attempt that made it,
/// plus one. Names are sets of attempts. Each change of a name is one `DiskOperation`; the list of all of them is the
/// journal, of which a power cut keeps the part that was synced and any further piece of its beginning.
package struct ModelDisk {
    /// How many attempts there can be.
    package static let capacity = 48
    /// How many partitions there can be.
    package static let keys = 3
    /// How many files one attempt publishes.
    package static let filesOfAttempt = 2

    /// No folder.
    package static let none = 0
    /// The number of a folder that another program made as a partition.
    package static func foreignFolder(_ key: Int) -> Int { capacity + 1 + key }
    /// The number of the folder that an attempt makes.
    package static func folder(of attempt: Int) -> Int { attempt + 1 }

    /// A folder of data files, wherever it is.
    package struct Folder {
        /// Files that the engine has written, without a published name.
        package var staged: UInt8 = 0
        /// Files with the name of the attempt that made the folder.
        package var named: UInt8 = 0
        /// Files of another program.
        package var foreign: UInt8 = 0
        /// The contents of the files are on the disk.
        package var isSynced = false
        /// The contents were lost in a power cut.
        package var isTorn = false
        /// Readers have seen it as the partition.
        package var wasVisible = false
        /// One of its files was removed.
        package var wasEmptied = false
        /// Where in the journal it became the partition, last.
        package var visibleAt: Int32 = 0
    }

    /// The names of one partition.
    package struct Names {
        /// The folder that readers see.
        package var visible = ModelDisk.none
        package var staging: UInt64 = 0
        package var revoked: UInt64 = 0
        package var publishing: UInt64 = 0
        package var published: UInt64 = 0
    }

    package var names = InlineArray<3, Names>(repeating: Names())
    package var folders = InlineArray<52, Folder>(repeating: Folder())
    /// The folder under the staging name of an attempt.
    package var stagingFolder = InlineArray<48, UInt8>(repeating: 0)
    /// The folder under the revoked name of an attempt.
    package var revokedFolder = InlineArray<48, UInt8>(repeating: 0)
    /// What an attempt replaced, once it has been put away.
    package var previousFolder = InlineArray<48, UInt8>(repeating: 0)
    /// The fence of each attempt.
    package var fences = InlineArray<48, Int32>(repeating: 0)
    /// The partition of each attempt.
    package var keyOfAttempt = InlineArray<48, UInt8>(repeating: 0)

    var journal = Journal()

    /// Creates a disk with no partition.
    package init() {}

    /// Lets an attempt be known.
    package mutating func register(attempt: Int, fence: Int, key: Int) {
        fences[attempt] = Int32(truncatingIfNeeded: fence)
        keyOfAttempt[attempt] = UInt8(truncatingIfNeeded: key)
    }

    /// The attempt that wrote all of a folder's files; nil where it is empty or has files of somebody else.
    package mutating func soleWriter(of folder: Int) -> Int? {
        guard folder != ModelDisk.none else { return nil }
        let contents = folders[folder]
        guard contents.named > 0, contents.staged == 0, contents.foreign == 0 else { return nil }
        return folder - 1
    }

    /// Whether a folder has files that an attempt has named.
    package mutating func hasFiles(of attempt: Int, in folder: Int) -> Bool {
        folder == attempt + 1 && folders[folder].named > 0
    }

    /// The attempt whose generation readers see; nil where it is not ours.
    package mutating func visibleWriter(_ key: Int) -> Int? { soleWriter(of: names[key].visible) }
}

/// The names in the staging folder of one partition, as one listing found them.
package struct Listing {
    package var staging: UInt64 = 0
    package var revoked: UInt64 = 0
    package var publishing: UInt64 = 0
    package var published: UInt64 = 0

    package init() {}

    init(_ names: ModelDisk.Names) {
        staging = names.staging
        revoked = names.revoked
        publishing = names.publishing
        published = names.published
    }

    /// A listing that began when the names were these and ended now: what came or went in between may be in it or not.
    func until(_ names: ModelDisk.Names, _ random: inout SeededRandom) -> Listing {
        var mixed = Listing()
        let coins = random.next()
        mixed.staging = (staging & names.staging) | ((staging ^ names.staging) & coins)
        mixed.revoked = (revoked & names.revoked) | ((revoked ^ names.revoked) & coins &>> 16)
        mixed.publishing = (publishing & names.publishing) | ((publishing ^ names.publishing) & coins &>> 8)
        mixed.published = (published & names.published) | ((published ^ names.published) & coins &>> 4)
        return mixed
    }

    /// Every attempt that has a name here.
    var writers: UInt64 { staging | revoked | publishing | published }
    /// The attempts that left a folder, or a publish that may not be durable.
    var unsettled: UInt64 { staging | revoked | publishing }
    /// Whether an attempt has a record.
    func hasRecord(_ attempt: Int) -> Bool { (publishing | published) & (1 &<< UInt64(attempt)) != 0 }
    /// Whether the record says that the generation is durable; it hides one that does not.
    func isSettled(_ attempt: Int) -> Bool { published & (1 &<< UInt64(attempt)) != 0 }
}
