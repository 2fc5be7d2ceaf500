internal import CMalloc
internal import Foundation

/// How the C library shares out memory among the threads of this process.
///
/// By default it has eight arenas a processor, and gives what is free at the end of an arena back to the system at once, to
/// fault it in again for the next partition: half of all page faults of a run with small partitions, and a twentieth of its
/// processor time. One arena a processor, which keep some free memory, need less of both.
enum ProcessMemory {
    /// From what size on a piece of memory comes from the system by itself, and goes back at once.
    ///
    /// Whoever sets one of these sets all: the C library stops learning this from what is freed.
    private static let ownMapping: Int32 = 8 << 20
    /// What an arena may keep.
    private static let keptBytes: Int32 = 16 << 20
    /// By how much an arena grows at least.
    private static let growth: Int32 = 1 << 20

    /// Sets this for the whole process, unless somebody has decided by the C library's own variables.
    static func share(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard !isDecided(by: environment) else { return }
        // A C library that does not know one of them answers 0, and goes on as it would.
        _ = mallopt(M_ARENA_MAX, Int32(clamping: ProcessInfo.processInfo.activeProcessorCount))
        _ = mallopt(M_MMAP_THRESHOLD, ownMapping)
        _ = mallopt(M_TRIM_THRESHOLD, keptBytes)
        _ = mallopt(M_TOP_PAD, growth)
    }

    /// Whether the environment says something of the C library's memory (mallopt(3), "Environment variables").
    static func isDecided(by environment: [String: String]) -> Bool {
        environment.keys.contains { $0.hasPrefix("MALLOC_") }
            || environment["GLIBC_TUNABLES"]?.contains("malloc") == true
    }
}
