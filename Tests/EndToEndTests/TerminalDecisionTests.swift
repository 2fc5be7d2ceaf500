import Foundation
import TestSupport
import Testing

/// What a person sees of a decision about many partitions.
@Suite(.timeLimit(.minutes(5))) struct TerminalDecisionTests {
    /// A folder whose forty days are held.
    private func heldProject() async throws -> Project {
        let project = try await Project(days: "2024-01-01"..."2024-02-09")
        try project.write(
            "reprocess.yaml",
            Project.configuration(
                schema: project.schema, extra: "    audits: [row_count: { min: 100, severity: hold }]"))
        let run = try await project.run("run", "--from", "2024-01-01", "--to", "2024-02-09")
        try #require(run.code == 1, "\(run)")
        return project
    }

    private func count(_ status: String, _ project: Project) async throws -> Int {
        try await project.ledger().count { $0.hasSuffix(" " + status) }
    }

    @Test func `An approval of many counts them on a line, which goes away`() async throws {
        let project = try await heldProject()
        // Stopped in the middle, so that the line is seen however fast the machine is.
        let process = try project.start(
            ["approve", "--all", "--reason", "checked"], environment: ["REPROCESS_FAULT": "taken:stop:20"],
            attachment: .terminal())
        try await process.waitUntilStopped()
        process.send(SIGCONT)
        #expect(try await process.wait() == .exited(0), "\(process.output)")
        let screen = TerminalScreen(process.output)
        #expect(screen.text.count { $0.contains("published") } == 40, "\(screen.text)")
        #expect(!screen.text.contains { $0.contains("/40 ") }, "\(screen.text)")
        #expect(try await count("COMPLETE", project) == 40)
        let undo = try project.start(
            ["undo", "2024-01-01..2024-02-09", "--reason", "too early", "--yes"],
            environment: ["REPROCESS_FAULT": "taken:stop:20"], attachment: .terminal())
        try await undo.waitUntilStopped()
        undo.send(SIGCONT)
        #expect(try await undo.wait() == .exited(0), "\(undo.output)")
        #expect(!TerminalScreen(undo.output).text.contains { $0.contains("/40 ") }, "\(undo.output)")
        // Ten times a second: what was drawn is in the stream.
        for output in [process.output, undo.output] { #expect(output.contains(/orders: \d+\/40 \d+%/), "\(output)") }
    }

    @Test(arguments: ["approve", "undo"])
    func `Ctrl-C finishes what has begun, begins no more, and says how far it came`(word: String) async throws {
        let project = try await heldProject()
        if word == "undo" { #expect(try await project.run("approve", "--all", "--reason", "checked").code == 0) }
        let arguments =
            word == "undo"
            ? ["undo", "2024-01-01..2024-02-09", "--reason", "too early", "--yes"]
            : ["approve", "--all", "--reason", "checked"]
        let process = try project.start(
            arguments, environment: ["REPROCESS_FAULT": "taken:stop:10"], attachment: .terminal())
        try await process.waitUntilStopped()
        try process.type("\u{3}")
        process.send(SIGCONT)
        #expect(try await process.wait() == .exited(130), "\(process.output)")
        let screen = TerminalScreen(process.output)
        #expect(screen.text.contains { $0.contains("Stopped: ") && $0.contains(" of 40 ") }, "\(screen.text)")
        #expect(!screen.text.contains { $0.contains("/40 ") }, "\(screen.text)")
        #expect(try await count("RUNNING", project) == 0)
        let left = try await project.query(
            "SELECT count(*) FROM \(project.schema).attempt WHERE kind = '\(word.uppercased())'")
        let begun = try #require(left.first?[0].flatMap { Int($0) })
        #expect(begun >= 10 && begun < 40, "\(begun)")
        #expect(screen.text.contains { $0.contains("Stopped: \(begun) partitions of 40 ") }, "\(screen.text)")
    }
}
