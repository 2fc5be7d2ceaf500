import Foundation
import Glibc
import PartitionBackfill
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import ReprocessCLI

/// Real commands that are told of a run.
@Suite(.timeLimit(.minutes(3))) struct NotificationCommandTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private static var notice: RunNotice {
        var notice = RunNotice(event: .failed, job: "orders", run: 7)
        notice.code = .incomplete
        notice.complete = 12
        notice.failures = [ReportSample.key(0): "No file 'it''s \"gone\"'.\nMore."]
        notice.held = 3
        notice.remaining = 0
        notice.duration = .seconds(61)
        return notice
    }

    private func tell(
        _ command: String, _ notice: RunNotice = notice, environment: [String: String] = ["PATH": "/usr/bin:/bin"],
        limit: Duration = .seconds(60), isAborted: @Sendable () -> Bool = { false }
    ) -> String? {
        var command = NotificationCommand(text: command, environment: environment, directory: folder.path)
        command.limit = limit
        return command.run(notice, isAborted: isAborted)
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: folder.appending(name))), as: UTF8.self)
    }

    @Test func `The command is told on its standard input and in its environment`() throws {
        let environment = [
            "PATH": "/usr/bin:/bin", "REPROCESS_NOTIFY": "again", "REPROCESS_AT_END": "x.html", "KEPT": "yes",
            "REPROCESS_RUN": "1",
        ]
        #expect(tell("cat > input; env > environment; pwd > place", environment: environment) == nil)
        let object = try JSONSerialization.jsonObject(with: Data(try text("input").utf8)) as? [String: Any] ?? [:]
        #expect(object["event"] as? String == "failed")
        #expect(object["run"] as? Int == 7)
        #expect(object["exit_code"] as? Int == 1)
        #expect(object["complete"] as? Int == 12)
        #expect((object["failures"] as? [[String: String]])?.first?["error"] == "No file 'it''s \"gone\"'.\nMore.")
        let lines = try text("environment").split(separator: "\n")
        for line in [
            "REPROCESS_EVENT=failed", "REPROCESS_JOB=orders", "REPROCESS_RUN=7", "REPROCESS_EXIT_CODE=1",
            "REPROCESS_COMPLETE=12", "REPROCESS_FAILED=1", "REPROCESS_HELD_PARTITIONS=3", "REPROCESS_REMAINING=0",
            "REPROCESS_SECONDS=61", "KEPT=yes",
            "REPROCESS_MESSAGE=orders, run 7 failed: 12 complete, 1 failed, 3 held",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        // A run that the command starts would tell of itself, and so on.
        #expect(!lines.contains { $0.hasPrefix("REPROCESS_NOTIFY=") || $0.hasPrefix("REPROCESS_AT_END=") })
        #expect(try text("place").hasSuffix(folder.path.split(separator: "/").last.map { "/\($0)\n" } ?? "?"))
    }

    @Test(arguments: [
        ("echo out; echo 'no such channel' >&2; echo more >&2; exit 3", "ended with code 3: no such channel"),
        ("no-such-program-anywhere", "ended with code 127: "), ("kill -9 $$", "was ended by signal 9"),
        ("printf 'a\\033[2Jb\\n' >&2; exit 1", "ended with code 1: a\\u{1b}[2Jb"),
    ])
    func `A command that fails is a warning with the first line of what it said`(command: String, end: String) {
        let warning = tell(command)
        #expect(warning?.hasPrefix("The command '\(command)' \(end)") == true, "\(warning ?? "nil")")
    }

    @Test func `A command may say a lot, close everything, and leave others behind`() throws {
        #expect(tell("head -c 20000000 /dev/zero | tr '\\0' 'x' >&2") == nil)
        #expect(tell("exec <&- >&- 2>&-; echo $$ > closed; sleep 0.2") == nil)
        // What it leaves behind keeps standard error open; nobody waits for that.
        #expect(tell("sleep 1000 & echo $! > child", limit: .seconds(600)) == nil)
        let child = try #require(pid_t(try text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(child, SIGKILL)
    }

    @Test func `A command that never reads its input holds nobody up, however long that is`() throws {
        var notice = Self.notice
        for day in 0..<20 { notice.failures[ReportSample.key(day)] = String(repeating: "x", count: 8_000) }
        #expect(notice.json.utf8.count > 100_000, "more than a pipe holds")
        #expect(tell("exec <&-; true", notice) == nil)
        #expect(tell("true", notice) == nil)
        #expect(tell("wc -c > size", notice) == nil)
        #expect(try text("size").trimmingCharacters(in: .whitespacesAndNewlines) == "\(notice.json.utf8.count)")
    }

    @Test func `A command that hangs is killed with all that it has started`() async throws {
        let warning = tell("echo hangs >&2; sleep 1000 & echo $! > child; wait", limit: .seconds(2))
        #expect(warning?.contains("took longer than 2s and was killed: hangs") == true, "\(warning ?? "nil")")
        let child = try #require(pid_t(try text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
        // Its own parent is gone, so that another reaps it.
        try await waitUntil { kill(child, 0) != 0 || Self.isZombie(child) }
    }

    @Test func `Nothing waits for a command once the run is to stop at once`() async throws {
        let isAborted = Mutex(false)
        let name = folder.appending("started")
        let command = NotificationCommand(
            text: "echo $$ > started.part; mv started.part started; sleep 1000", environment: ["PATH": "/usr/bin:/bin"],
            directory: folder.path, limit: .seconds(10_000))
        async let warning = Task.detached { [notice = Self.notice] in
            command.run(notice) { isAborted.withLock { $0 } }
        }.value
        try await waitUntil { FileManager.default.fileExists(atPath: name) }
        isAborted.withLock { $0 = true }
        #expect(await warning == nil)
        let shell = try #require(pid_t(try text("started").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(shell, 0) != 0, "it was reaped")
    }

    @Test func `None of the variables but the run's number is that of an option`() {
        var notice = Self.notice
        notice.reportPath = "/r.html"
        let options = Set(OptionCase.all.compactMap(\.option.variable))
        #expect(Set(notice.variables.keys).intersection(options) == ["REPROCESS_RUN"])
    }

    private static func isZombie(_ pid: pid_t) -> Bool {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return true }
        return String(decoding: data, as: UTF8.self).contains(") Z ")
    }

    private func waitUntil(_ isTrue: () -> Bool) async throws {
        while !isTrue() { try await Task.sleep(for: .milliseconds(20)) }
    }
}
