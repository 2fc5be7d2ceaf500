import Partitions
import Testing

@testable import PartitionBackfill

@Suite struct CrewLimitTests {
    @Test func `Memory that runs out halves the crew, down to one`() {
        var crew = CrewLimit(asked: 8)
        #expect(crew.memoryRanOut(with: .init(workers: 8)) == true)
        #expect(crew.current == 4)
        #expect(
            crew.memoryRanOut(with: .init(workers: 8)) == true, "attempts that began with eight are not tried in vain")
        #expect(crew.current == 4, "and do not count twice")
        #expect(crew.memoryRanOut(with: .init(workers: 4)) == true)
        #expect(crew.memoryRanOut(with: .init(workers: 2)) == true)
        #expect(crew.current == 1)
        #expect(crew.memoryRanOut(with: .init(workers: 1)) == false, "one alone has all there is")
    }

    @Test func `With the workers go the threads of the engine, and come back with them`() {
        var crew = CrewLimit(asked: 2, threads: 8)
        #expect(crew.memoryRanOut(with: crew.share) == true)
        #expect(crew.share == .init(workers: 1, threads: 4))
        #expect(crew.memoryRanOut(with: crew.share) == true, "one worker with four threads can do with less")
        #expect(crew.memoryRanOut(with: crew.share) == true)
        #expect(crew.share == .smallest)
        #expect(crew.memoryRanOut(with: .smallest) == false)
        for _ in 0..<(2 * CrewLimit.recovery) { _ = crew.done() }
        #expect(crew.share == .init(workers: 2, threads: 4))
        for _ in 0..<CrewLimit.recovery { _ = crew.done() }
        #expect(crew.share == .init(workers: 2, threads: 8))
        #expect(crew.done() == false)
    }

    @Test func `After a while without, more are tried again`() {
        var crew = CrewLimit(asked: 4)
        _ = crew.memoryRanOut(with: .init(workers: 2))
        #expect(crew.current == 1)
        for _ in 1..<CrewLimit.recovery { #expect(crew.done() == false) }
        #expect(crew.done() == true)
        #expect(crew.current == 2)
        for _ in 1..<CrewLimit.recovery { _ = crew.done() }
        #expect(crew.done() == true)
        #expect(crew.current == 4)
        #expect(crew.done() == false)
    }

    @Test func `Whoever asks for fewer gets them, and for more what memory allows`() {
        var crew = CrewLimit(asked: 8)
        _ = crew.memoryRanOut(with: .init(workers: 8))
        crew.ask(for: 2)
        #expect(crew.current == 2)
        crew.ask(for: 16)
        #expect(crew.current == 4)
    }

    @Test func `A forecast is what nine of ten did not exceed`() {
        var forecast = Forecast()
        #expect(forecast.expected == nil)
        for seconds in 1...10 { forecast.observe(.seconds(seconds)) }
        #expect(forecast.expected == .seconds(10))
        for _ in 0..<50 { forecast.observe(.seconds(2)) }
        #expect(forecast.expected == .seconds(2))
    }

    @Test func `Another order visits what is left, each partition once`() {
        let plan = BackfillPlan(
            job: "j", range: PartitionRange(granularity: .day, ordinals: 0..<20),
            segments: [(0..<5, BackfillPlan.Reason.missing), (5..<8, .complete), (8..<12, .failed)].map {
                .init(range: PartitionRange(granularity: .day, ordinals: $0.0), reason: $0.1)
            }, fence: 0)
        var list = Worklist(plan: plan, order: .oldest, selection: .unfinished, maxPartitions: nil)
        let window = list.window(of: 4)
        list.apply(granted: Array(window.prefix(2)), of: window, limit: 2)
        list.setOrder(.newest)
        #expect(list.window(of: 20).map(\.ordinal) == [11, 10, 9, 8, 4, 3, 2])
        list.setOrder(.oldest)
        #expect(list.window(of: 20).map(\.ordinal) == [2, 3, 4, 8, 9, 10, 11])
        #expect(list.remainingCount == 9)
        list.setOrder(.newest)
        #expect(list.window(of: 2).map(\.ordinal) == [11, 10])
        list.apply(granted: list.window(of: 2), of: list.window(of: 2), limit: 2)
        list.setOrder(.oldest)
        #expect(list.window(of: 20).map(\.ordinal) == [2, 3, 4, 8, 9])
    }
}
