import Partitions
import Testing
import Transforms

struct CancellationTests {
    private static let endless =
        "SELECT sum(hash(a.range + b.range)) AS s FROM range(10000000) AS a, range(10000000) AS b"

    @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 5, 20, 100])
    func `cancelling a task interrupts its query within a tenth of a second`(milliseconds: Int) async throws {
        let bench = try await StagingBench()
        let request = try bench.request(Query(Self.endless))
        var delays: [Duration] = []
        for _ in 0..<4 {
            let task = Task { try await bench.session.stage(request) }
            // The point is to cancel at different moments, not to wait for something.
            try await Task.sleep(for: .milliseconds(milliseconds))
            let cancelledAt = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            delays.append(cancelledAt.duration(to: .now))
            #expect(try bench.stagedNames() == [])
            #expect(
                try await bench.session.rows(of: Query("SELECT 1 AS a"), key: request.key, column: "day").count == 1)
        }
        // On a busy machine one of several may wait for a processor; the quickest shows what the engine needs.
        #expect(try #require(delays.min()) < .milliseconds(100))
    }

    @Test(.timeLimit(.minutes(1))) func `a task that is cancelled already runs nothing`() async throws {
        let bench = try await StagingBench()
        let request = try bench.request(Query(Self.endless))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await bench.session.stage(request)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test(.timeLimit(.minutes(1))) func `cancelling one session leaves the others alone`() async throws {
        let bench = try await StagingBench()
        let other = try await StagingBench()
        let request = try bench.request(Query(Self.endless))
        let task = Task { try await bench.session.stage(request) }
        async let result = other.stage("SELECT count(DISTINCT hash(range)) AS n FROM range(1000000)")
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await result.rows == 1)
    }
}
