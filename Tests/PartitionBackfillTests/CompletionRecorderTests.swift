import Foundation
import Partitions
import ProgressStore
import Testing

@testable import PartitionBackfill

/// How completions gather; no test waits for the time after which a batch goes in any case, but the one of no time.
@Suite struct CompletionRecorderTests {
    private func entry(_ number: Int) -> CompletionRecorder.Entry {
        let key = PartitionKey(granularity: .day, ordinal: 19_723 + number)
        let token = ClaimToken(key: key, fence: Int64(number), claimID: UUID())
        return .init(
            completion: Completion(token: token, facts: CompletionFacts(transformVersion: "1")), duration: .zero)
    }

    private func fences(_ batch: [CompletionRecorder.Entry]?) -> [Int64]? { batch?.map(\.completion.token.fence) }

    @Test func `The first completion goes at once`() async {
        let recorder = CompletionRecorder(spacing: .seconds(3600))
        await recorder.submit(entry(1))
        #expect(fences(await recorder.nextBatch()) == [1])
    }

    @Test func `Behind a batch completions gather until there are enough`() async {
        let recorder = CompletionRecorder(spacing: .seconds(3600))
        await recorder.submit(entry(0))
        _ = await recorder.nextBatch()
        await recorder.submit(entry(1))
        async let batch = recorder.nextBatch()
        let deadline = ContinuousClock.now + .seconds(60)
        while await !recorder.isGathering, ContinuousClock.now < deadline { await Task.yield() }
        for number in 2...CompletionRecorder.enough { await recorder.submit(entry(number)) }
        #expect(fences(await batch) == (1...CompletionRecorder.enough).map(Int64.init))
    }

    @Test func `The end of the work sends what has gathered`() async {
        let recorder = CompletionRecorder(spacing: .seconds(3600))
        await recorder.submit(entry(0))
        _ = await recorder.nextBatch()
        async let batch = recorder.nextBatch()
        await recorder.submit(entry(1))
        await recorder.close()
        #expect(fences(await batch) == [1])
        #expect(await recorder.nextBatch() == nil)
    }

    @Test func `A batch does not wait longer than its time`() async {
        let recorder = CompletionRecorder(spacing: .milliseconds(1))
        for number in 0..<3 {
            await recorder.submit(entry(number))
            #expect(fences(await recorder.nextBatch()) == [Int64(number)])
        }
    }

    @Test func `A cancelled run does not wait with what has gathered`() async {
        let recorder = CompletionRecorder(spacing: .seconds(3600))
        await recorder.submit(entry(0))
        _ = await recorder.nextBatch()
        await recorder.submit(entry(1))
        let batch = Task { await recorder.nextBatch() }
        batch.cancel()
        #expect(fences(await batch.value) == [1])
    }
}
