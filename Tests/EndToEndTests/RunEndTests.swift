import Foundation
import TestSupport
import Testing

/// What a real process tells at its end, and what it does not wait for.
@Suite(.timeLimit(.minutes(5))) struct RunEndTests {
    private static let slowTransform = """
        SELECT order_date::DATE AS order_date, order_id::BIGINT AS order_id, amount::DECIMAL(12, 2) AS amount
        FROM source
        WHERE (SELECT sum(sqrt(i)) FROM range(6000000) AS numbers (i)) > 0
        """
    private static let range = ["--from", "2024-01-01", "--to", "2024-03-31", "--workers", "1"]

    private func project() async throws -> Project {
        try await Project(days: "2024-01-01"..."2024-03-31", transform: Self.slowTransform)
    }

    private func lines(_ project: Project, _ name: String) -> [String] {
        let data = FileManager.default.contents(atPath: project.directory.appending(name)) ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func waitUntil(_ isTrue: () -> Bool) async throws {
        while !isTrue() { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test func `A pause is told at once, a drain at the end, with a report and without a word in standard output`()
        async throws
    {
        let project = try await project()
        let command = "echo $REPROCESS_EVENT $REPROCESS_EXIT_CODE >> told; echo noise"
        let process = try project.start(
            ["run"] + Self.range + ["--json", "--at-end", "end.json", "--notify", command])
        try await process.wait(untilOutputContains: "\"completed\"")
        #expect(try await project.run("pause", "--by", "ann", "--reason", "month-end").code == 0)
        try await waitUntil { lines(project, "told") == ["paused"] }
        #expect(lines(project, "end.json").isEmpty, "the run goes on")
        let history = try await project.run("runs")
        #expect(history.output.contains("running"), "\(history)")
        #expect(try await project.run("report", "--format", "html", "--output", "now.html").code == 0)
        #expect(lines(project, "now.html").contains { $0.contains("running for") })

        #expect(try await project.run("drain", "--reason", "enough").code == 0)
        #expect(try await process.wait(timeout: .seconds(120)) == .exited(3), "\(process.errorOutput)")
        #expect(lines(project, "told") == ["paused", "failed 3"])
        #expect(process.output.split(separator: "\n").allSatisfy { $0.hasPrefix("{") }, "\(process.output)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(lines(project, "end.json").joined().utf8)) as? [String: Any])
        #expect(report["outcome"] as? String == "DRAINED")
        let events = try #require(report["events"] as? [[String: Any]])
        #expect(events.map { $0["control"] as? String } == ["PAUSE", "DRAIN"])
        #expect(events.map { $0["by"] as? String }.first == "ann")
        #expect(events.map { $0["reason"] as? String } == ["month-end", "enough"])
    }

    @Test func `Ctrl-C once leaves a report and tells, and the code is the signal's`() async throws {
        let project = try await project()
        let process = try project.start(
            ["run"] + Self.range + ["--json", "--at-end", "end.html", "--notify", "cat > told"])
        try await process.wait(untilOutputContains: "\"completed\"")
        process.send(SIGINT)
        #expect(try await process.wait(timeout: .seconds(120)) == .exited(130), "\(process.errorOutput)")
        #expect(lines(project, "end.html").contains { $0.contains("stopped after") })
        #expect(lines(project, "told").first?.contains("\"event\":\"failed\"") == true)
    }

    @Test func `A second Ctrl-C ends the wait for a command that hangs`() async throws {
        let project = try await project()
        let process = try project.start(
            ["run"] + Self.range
                + ["--json", "--notify", "echo $$ > part; mv part hangs; sleep 1000"])
        try await process.wait(untilOutputContains: "\"completed\"")
        #expect(try await project.run("pause").code == 0)
        try await waitUntil { !lines(project, "hangs").isEmpty }
        let command = try #require(lines(project, "hangs").first.flatMap(pid_t.init))
        process.send(SIGINT)
        try await process.wait(untilOutputContains: "\"stopping\"")
        process.send(SIGINT)
        #expect(try await process.wait(timeout: .seconds(120)) == .exited(130), "\(process.errorOutput)")
        // Its own parent has reaped it.
        #expect(kill(command, 0) != 0)
    }
}
