import Synchronization
import Testing

@testable import Transforms

struct EngineShareTests {
    @Test(arguments: [
        (2, 1, 1, 2), (2, 2, 2, 1), (2, 4, 2, 1), (8, 1, 1, 8), (8, 3, 3, 6), (8, 99, 8, 1), (1, 0, 1, 1),
    ])
    func `one statement gets every thread, and many get one each`(
        threads: Int, sessions: Int, statements: Int, threadsEach: Int
    ) {
        let share = EngineShare(threads: threads, sessions: sessions)
        #expect(share.statements == statements)
        #expect(share.threadsEach == threadsEach)
    }

    /// Counts what runs at the same time.
    private final class Crowd: Sendable {
        struct Counts: Sendable {
            var now = 0
            var most = 0
            var done = 0
        }

        private let state = Mutex(Counts())

        var counts: Counts { state.withLock { $0 } }

        func enter() {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }

        func leave() {
            state.withLock {
                $0.now -= 1
                $0.done += 1
            }
        }
    }

    @Test func `no more run at once than there are slots, and all have their turn`() async {
        let slots = EngineSlots(count: 2)
        let crowd = Crowd()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await slots.run {
                        crowd.enter()
                        await Task.yield()
                        crowd.leave()
                    }
                }
            }
        }
        #expect(crowd.counts.most == 2)
        #expect(crowd.counts.done == 50)
    }

    @Test func `An engine takes fewer threads and more again, never more than it has`() async throws {
        let engine = DuckDBSQLEngine(options: EngineOptions(threads: 8, sessions: 1))
        #expect(engine.threads == 8)
        let bench = try await StagingBench(engine: engine)
        for (asked, expected) in [(4, 4), (1, 1), (0, 1), (2, 2), (99, 8)] {
            try await engine.useThreads(asked)
            #expect(try await bench.read("SELECT current_setting('threads')") == ["integer(\(expected))"])
        }
    }
}
