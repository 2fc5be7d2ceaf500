import Glibc
import PartitionBackfill
import Testing

@testable import ReprocessCLI

/// Each test is a process of its own, because signals are the process's; SIGALRM ends one that waits in vain.
@Suite struct SignalTests {
    @Test func `The first signal drains and the second aborts`() async {
        await #expect(processExitsWith: .exitCode(130)) {
            alarm(20)
            let stop = StopSignal()
            let watcher = SignalWatcher(stop: stop) {}
            let (levels, continuation) = AsyncStream.makeStream(of: StopSignal.Level.self)
            _ = stop.addListener { continuation.yield($0) }
            var next = levels.makeAsyncIterator()
            kill(getpid(), SIGINT)
            guard await next.next() == .drain else { exit(1) }
            kill(getpid(), SIGTERM)
            guard await next.next() == .abort else { exit(2) }
            exit(watcher.exitCode?.rawValue ?? 3)
        }
    }

    @Test func `SIGTERM has an exit code of its own`() async {
        await #expect(processExitsWith: .exitCode(143)) {
            alarm(20)
            let stop = StopSignal()
            let watcher = SignalWatcher(stop: stop) {}
            let (levels, continuation) = AsyncStream.makeStream(of: StopSignal.Level.self)
            _ = stop.addListener { continuation.yield($0) }
            kill(getpid(), SIGTERM)
            var next = levels.makeAsyncIterator()
            _ = await next.next()
            exit(watcher.exitCode?.rawValue ?? 3)
        }
    }

    @Test func `The third signal ends the process after the terminal was put back`() async throws {
        let result = try #require(
            await #expect(processExitsWith: .exitCode(130), observing: [\.standardErrorContent]) {
                alarm(20)
                let stop = StopSignal()
                stop.request(.abort)
                let watcher = SignalWatcher(stop: stop) { _ = write(2, "put back", 8) }
                kill(getpid(), SIGINT)
                try await Task.sleep(for: .seconds(30))
                withExtendedLifetime(watcher) {}
            })
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("put back"))
    }

    @Test func `A write to a closed pipe does not end the process`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            alarm(20)
            let watcher = SignalWatcher(stop: StopSignal()) {}
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { exit(1) }
            close(ends[0])
            guard write(ends[1], "x", 1) == -1, errno == EPIPE else { exit(2) }
            withExtendedLifetime(watcher) {}
            exit(0)
        }
    }
}
