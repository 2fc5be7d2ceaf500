import Foundation
import TestSupport
import Testing

@Suite struct WatchdogTests {
    @Test func `It kills the processes of its run, also one that stands still, and no other`() async throws {
        let folder = try TemporaryDirectory()
        let other = try RunningProcess("/bin/sleep", ["1000"])
        var processes: [RunningProcess] = []
        do {
            let watchdog = try Watchdog(over: folder.path)
            processes = try (0..<2).map { _ in
                try RunningProcess("/bin/sleep", ["1000"], environment: watchdog.environment.mapValues { $0 })
            }
            processes[0].send(SIGSTOP)
        }
        for process in processes { #expect(try await process.wait() == .signalled(SIGKILL)) }
        let deadline = ContinuousClock.now + .seconds(60)
        while FileManager.default.fileExists(atPath: folder.path), .now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        other.send(SIGTERM)
        #expect(try await other.wait() == .signalled(SIGTERM))
    }
}
