import ProtocolModel
import Testing

/// The parts of the model that no comparison with the real thing can reach.
@Suite struct ModelTests {
    /// The numbers of the published reference implementation for seed 0.
    @Test func `The generator is SplitMix64`() {
        var random = SeededRandom(seed: 0)
        let numbers = [random.next(), random.next()]
        #expect(numbers == [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4])
        let small = (0..<1_000).map { _ in random.below(7) }
        #expect(Set(small) == Set(0..<7))
    }

    /// A partition that another program made, and an attempt that has just replaced it.
    private func exchanged() -> ModelDisk {
        var disk = ModelDisk()
        disk.register(attempt: 0, fence: 7, key: 0)
        _ = disk.perform(.foreignWrite, 0)
        _ = disk.perform(.makeStaging, 0)
        for kind in [DiskOperation.Kind.stageFile, .stageFile, .nameFile, .nameFile, .touchRecord] {
            _ = disk.perform(kind, 0)
        }
        _ = disk.syncStaged(0)
        let answer = disk.perform(.exchange, 0)
        #expect(answer == .done)
        return disk
    }

    @Test func `A power cut takes back an exchange of which only one folder was synced`() {
        for syncsRoot in [true, false] {
            var disk = exchanged()
            if syncsRoot { disk.syncRoot() } else { disk.syncStagings(0) }
            let isDurable = disk.isDurable(generationOf: 0)
            disk.cutPower(keeping: 0)
            let writer = disk.visibleWriter(0)
            #expect(!isDurable && writer == nil)
        }
    }

    @Test func `A power cut leaves what was synced, and any beginning of the rest`() {
        var disk = exchanged()
        disk.syncRoot()
        disk.syncStagings(0)
        let isDurable = disk.isDurable(generationOf: 0)
        _ = disk.perform(.settleRecord, 0)
        _ = disk.perform(.keepStaging, 0)
        let unsynced = disk.unsyncedCount
        #expect(isDurable && unsynced == 2)
        for survivors in 0...2 {
            var cut = disk
            cut.cutPower(keeping: survivors)
            let writer = cut.visibleWriter(0)
            #expect(writer == 0)
            #expect((cut.names[0].published == 1) == (survivors >= 1))
            #expect((cut.previousFolder[0] != 0) == (survivors == 2))
        }
    }

    @Test func `Files that were not synced are torn by a power cut`() {
        var disk = ModelDisk()
        disk.register(attempt: 0, fence: 7, key: 0)
        _ = disk.perform(.makeStaging, 0)
        _ = disk.perform(.stageFile, 0)
        disk.cutPower(keeping: 2)
        #expect(disk.folders[ModelDisk.folder(of: 0)].isTorn)
    }
}
