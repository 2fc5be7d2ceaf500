import Foundation
import ProgressStore
import TestSupport
import Testing

/// The servers and processes that other tests stand on are what they say.
@Suite(.timeLimit(.minutes(1))) struct EmbeddedTestSupportTests {
    @Test func `The shared server gives databases and schemas of their own, and comes back from a crash`() async throws
    {
        let cluster = try await TestCluster()
        let database = try await cluster.freshDatabase()
        try await cluster.execute("CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)", database: database)
        try await cluster.restart(immediate: true)
        #expect(try await cluster.execute("SELECT value FROM kept", database: database) == [["7"]])
        try await cluster.terminateBackends()
        #expect(cluster.freshSchema() != cluster.freshSchema())
        try await cluster.restart()
        #expect(try await cluster.execute("SELECT 1") == [["1"]])
    }

    @Test func `A process is seen to write, to take signals and to end`() async throws {
        let script = "trap 'echo caught; exit 3' TERM; echo ready; echo problem >&2; while :; do sleep 0.05; done"
        let process = try RunningProcess("/bin/sh", ["-c", script])
        try await process.wait(untilOutputContains: "problem")
        process.send(SIGTERM)
        #expect(try await process.wait() == .exited(3))
        #expect(process.output == "ready\ncaught\n")
        #expect(process.errorOutput == "problem\n")
    }

    @Test func `A process on a terminal sees its size, and Ctrl-C reaches it`() async throws {
        let process = try RunningProcess(
            "/bin/sh", ["-c", "stty size; read -r line"], attachment: .terminal(columns: 61, rows: 17))
        try await process.wait(untilOutputContains: "17 61")
        try process.type("\u{3}")
        #expect(try await process.wait() == .signalled(SIGINT))
    }

    @Test func `A program inherits no descriptor of this process`() throws {
        let leak = try #require(FileHandle(forReadingAtPath: "/dev/null"))
        #expect(fcntl(leak.fileDescriptor, F_SETFD, 0) == 0)
        let list = try ProgramResult.of(ProgramLaunch(["/bin/sh", "-c", "ls /proc/$$/fd"]))
        #expect(list.output == "0\n1\n2\n")
        try leak.close()
    }

    @Test func `A process that does not end in time is killed`() async throws {
        let process = try RunningProcess("/bin/sleep", ["1000"])
        await #expect(throws: TestSupportError.self) { try await process.wait(timeout: .milliseconds(50)) }
        #expect(try await process.wait() == .signalled(SIGKILL))
    }
}
