import Synchronization
import Testing

@testable import Transforms

struct EngineShareTests {
    @Test(arguments: [(2, 1, 1, 2), (2, 2, 2, 1), (2, 4, 2, 1), (8, 1, 1, 8), (8, 3, 3, 6), (8, 99, 8, 1), (1, 0, 1, 1)])
    func `one statement gets every thread, and many get one each`(
        threads: Int, sessions: Int, statements: Int, threadsEach: Int
    ) {
        let share = EngineShare(threads: threads, sessions: sessions)
        #expect(share.statements == statements)
        #expect(share.threadsEach == threadsEach)
    }

    @Test func `no more run at once than there are slots, and all have their turn`() async {
        let slots = EngineSlots(count: 2)
        let counts = Mutex((now: 0, most: 0, done: 0))
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    await slots.run {
                        counts.withLock { counts in
                            counts.now += 1
                            counts.most = max(counts.most, counts.now)
                        }
                        await Task.yield()
                        counts.withLock { counts in
                            counts.now -= 1
                            counts.done += 1
                        }
                    }
                }
            }
        }
        #expect(counts.withLock { $0.most } <= 2)
        #expect(counts.withLock { $0.done } == 50)
    }
}
