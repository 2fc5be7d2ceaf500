import Foundation
import TestSupport
import Testing

/// What a user learns of costs, and limits by them, with the program itself.
@Suite(.timeLimit(.minutes(5))) struct PricingTests {
    private let january = ["--from", "2024-01-01", "--to", "2024-01-10"]

    private func run(
        _ project: Project, _ arguments: [String], environment: [String: String?] = [:]
    ) async throws -> Project.Finished {
        let process = try project.start(arguments, environment: environment)
        try process.closeInput()
        guard case .exited(let code) = try await process.wait(timeout: .seconds(120)) else {
            throw TestSupportError("ended by a signal\n\(process.errorOutput)")
        }
        return Project.Finished(code: code, output: process.output, errors: process.errorOutput)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `A plan has a price, which is better known after the first run`() async throws {
        let project = try await Project()
        let first = try await run(project, ["plan"] + january)
        #expect(first.output.contains(" of source files"), "\(first)")
        #expect(first.output.contains("Time: unknown yet"), "\(first)")
        #expect(first.output.contains("Heaviest:"), "\(first)")

        #expect(try await run(project, ["run"] + january).code == 0)
        let nothing = try await run(project, ["plan"] + january)
        #expect(!nothing.output.contains("source files") && !nothing.output.contains("Time"), "\(nothing)")
        #expect(try object(try await run(project, ["plan", "--json"] + january).output)["price"] == nil)

        try project.write("transforms/orders.sql", Project.fixedTransform.replacing("1.10", with: "1.2"))
        let second = try await run(project, ["plan"] + january)
        #expect(second.output.contains("from 10 earlier attempts"), "\(second)")
        #expect(second.output.contains("Done with: 1 worker "), "\(second)")
        let dry = try await run(project, ["run", "--dry-run", "--json"] + january)
        let price = try #require(try object(dry.output)["price"] as? [String: Any], "\(dry)")
        #expect(price["rows"] as? Int == 100 && price["attempts"] as? Int == 10, "\(price)")
        #expect((price["heaviest"] as? [Any])?.count == 10)
        #expect((price["bytes"] as? Int ?? 0) > 1_000)
    }

    @Test func `A run ends at its limit of bytes, says so, and can be gone on with`() async throws {
        let project = try await Project()
        // Each day has a file of about 210 bytes.
        let first = try await run(project, ["run", "--max-bytes", "1KB"] + january)
        #expect(first.code == 0, "\(first)")
        #expect(first.errors.contains("Ended at --max-bytes 1.0 KB"), "\(first)")
        #expect(first.errors.contains("To go on:") && first.errors.contains("--max-bytes 1KB"), "\(first)")
        #expect(project.partitions().count == 4)
        let second = try await run(project, ["run"] + january, environment: ["REPROCESS_MAX_BYTES": "1KB"])
        #expect(second.code == 0 && project.partitions().count == 8, "\(second)")
        let third = try await run(project, ["run", "--max-bytes", "1KB"] + january)
        #expect(third.code == 0 && !third.errors.contains("Ended at"), "\(third)")
        #expect(project.partitions().count == 10)
    }

    @Test func `A status tells what has run longest and when the rest is done, or that nothing runs`() async throws {
        let project = try await Project()
        #expect(try await run(project, ["run"] + january).code == 0)
        try await project.query(
            "INSERT INTO \(project.schema).partition_progress (job, partition_key, status) "
                + "VALUES ('orders', '2024-02-01', 'PENDING')")
        let still = try await run(project, ["status"])
        #expect(still.output.contains("nothing runs at the moment") && !still.output.contains("to go"), "\(still)")
        try await project.query(
            "SELECT * FROM \(project.schema).claim_partition('orders', '2024-01-03', worker => 'nightly', again => true)"
        )
        let going = try await run(project, ["status"])
        #expect(going.output.contains("1 running, the longest 2024-01-03 for "), "\(going)")
        #expect(going.output.contains("by nightly"), "\(going)")
        #expect(going.output.contains(" to go") || going.output.contains("done in "), "\(going)")
        let json = try object(try await run(project, ["status", "--json"]).output)
        #expect((json["oldest_running"] as? [String: Any])?["worker"] as? String == "nightly")
        #expect(json["ahead"] as? Int == 2 && json["alive"] as? Int == 1)
        #expect((json["seconds_left_range"] as? [Double])?.count == 2)
    }

    @Test func `A limit that is no size, or below the first partition, is told apart`() async throws {
        let project = try await Project()
        for (text, words) in [
            ("200", "'200' is not a size"), ("-5GB", "'-5GB' is not a size"), ("5XB", "'5XB' is not"),
        ] {
            let wrong = try await run(project, ["run", "--max-bytes=\(text)"] + january)
            #expect(wrong.code == 64 && wrong.errors.contains("--max-bytes: \(words)"), "\(wrong)")
        }
        let variable = try await run(project, ["run"] + january, environment: ["REPROCESS_MAX_BYTES": "much"])
        #expect(variable.code == 64 && variable.errors.contains("REPROCESS_MAX_BYTES: 'much'"), "\(variable)")
        let order = try await run(project, ["run", "--order", "biggest"] + january)
        #expect(order.code == 64 && order.errors.contains("oldest, newest, largest"), "\(order)")
        let small = try await run(project, ["run", "--max-bytes", "100B"] + january)
        #expect(small.code == 3 && small.errors.contains("2024-01-01, the first partition"), "\(small)")
        #expect(project.partitions().isEmpty)
    }
}
