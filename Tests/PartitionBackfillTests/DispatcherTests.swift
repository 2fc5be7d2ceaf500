import Foundation
import Partitions
import ProgressStore
import Testing

@testable import PartitionBackfill

@Suite struct DispatcherTests {
    private let key = PartitionKey(granularity: .day, ordinal: 19_723)

    private var token: ClaimToken { ClaimToken(key: key, fence: 7, claimID: UUID()) }

    private func dispatcher() -> Dispatcher {
        let range = PartitionRange(granularity: .day, ordinals: key.ordinal..<(key.ordinal + 1))
        let plan = BackfillPlan(
            job: "orders", range: range, segments: [BackfillPlan.Segment(range: range, reason: .missing)], fence: 0)
        let worklist = Worklist(plan: plan, order: .oldest, selection: .unfinished, maxPartitions: nil)
        return Dispatcher(worklist: worklist, workers: 1, lease: .seconds(1))
    }

    /// Grants one claim and loses it by a heartbeat.
    private func lose(_ token: ClaimToken, in dispatcher: Dispatcher) async {
        async let idle = dispatcher.nextClaim()
        while true {
            if case .claim(let window, let limit) = await dispatcher.nextStep() {
                await dispatcher.granted(
                    [Claim(token: token, attempt: 1, predecessor: nil)], of: window, limit: limit, sentAt: .now)
                break
            }
            await Task.yield()
        }
        _ = await idle
        let lost = await dispatcher.confirm(HeartbeatReply(held: [], control: .run), sent: [token], at: .now)
        #expect(lost == [token])
    }

    @Test func `An attempt that ends after another process has finished its partition does not bring it back`() async {
        let dispatcher = dispatcher()
        let token = token
        await lose(token, in: dispatcher)
        let row = ProgressRow(key: key, status: .complete, fence: 8)
        #expect(await dispatcher.examined([row], of: [key], isOutdated: { _ in false }).finished == [row])
        #expect(await dispatcher.remainingCount == 0)
        #expect(await dispatcher.putBack(token) == false)
        #expect(await dispatcher.remainingCount == 0)
        guard case .finished = await dispatcher.nextStep() else {
            Issue.record("Something is left to do.")
            return
        }
    }

    @Test func `An attempt that ends after its partition was claimed anew does not take it away`() async {
        let dispatcher = dispatcher()
        let token = token
        await lose(token, in: dispatcher)
        let row = ProgressRow(key: key, status: .pending, fence: 8, eligibleIn: .zero)
        _ = await dispatcher.examined([row], of: [key], isOutdated: { _ in false })
        let next = ClaimToken(key: key, fence: 9, claimID: UUID())
        await dispatcher.granted(
            [Claim(token: next, attempt: 2, predecessor: nil)], of: [key], limit: 1, sentAt: .now)
        #expect(await dispatcher.putBack(token) == false)
        await dispatcher.completed(next, duration: .zero)
        #expect(await dispatcher.remainingCount == 0)
    }

    // MARK: Memory

    /// A dispatcher whose two workers have one partition each, and a third partition in the queue.
    private func busy() async -> (Dispatcher, [ClaimToken]) {
        let keys = (0..<3).map { PartitionKey(granularity: .day, ordinal: key.ordinal + $0) }
        let range = PartitionRange(granularity: .day, ordinals: key.ordinal..<(key.ordinal + 3))
        let plan = BackfillPlan(
            job: "orders", range: range, segments: [BackfillPlan.Segment(range: range, reason: .missing)], fence: 0)
        let worklist = Worklist(plan: plan, order: .oldest, selection: .unfinished, maxPartitions: nil)
        let dispatcher = Dispatcher(worklist: worklist, workers: 2, lease: .seconds(60))
        let tokens = keys.map { ClaimToken(key: $0, fence: 7, claimID: UUID()) }
        let claims = tokens.map { Claim(token: $0, attempt: 1, predecessor: nil) }
        await dispatcher.granted(claims, of: keys, limit: 3, sentAt: .now)
        _ = await dispatcher.nextClaim(worker: 0)
        _ = await dispatcher.nextClaim(worker: 1)
        return (dispatcher, tokens)
    }

    @Test func `After memory ran out, whoever is said to be alone is alone`() async {
        let (dispatcher, tokens) = await busy()
        #expect(await dispatcher.beginMark(tokens[0]))
        #expect(await dispatcher.memoryRanOut(in: tokens[0]) == .smallest)
        await dispatcher.putBack(tokens[0])
        async let next = dispatcher.nextClaim(worker: 0)
        while await dispatcher.idleWorkers.isEmpty, await dispatcher.atWork.count < 2 { await Task.yield() }
        #expect(await dispatcher.room == 0, "the other one is still at work")
        #expect(await dispatcher.atWork == [tokens[1]])
        #expect(await dispatcher.beginMark(tokens[1]))
        #expect(await next?.token == tokens[2])
        #expect(await dispatcher.memoryRanOut(in: tokens[2]) == nil, "less than alone is not possible")
    }

    @Test func `An attempt beside which another one may begin is not alone any more`() async {
        let (dispatcher, tokens) = await busy()
        #expect(await dispatcher.beginMark(tokens[0]))
        #expect(await dispatcher.memoryRanOut(in: tokens[0]) == .smallest)
        #expect(await dispatcher.beginMark(tokens[1]))
        #expect(await dispatcher.nextClaim(worker: 0)?.token == tokens[2])
        for _ in 0..<CrewLimit.recovery { await dispatcher.completed(tokens[1], duration: .seconds(1)) }
        #expect(await dispatcher.crewSize == 2)
        #expect(await dispatcher.memoryRanOut(in: tokens[2]) == .smallest)
    }
}
