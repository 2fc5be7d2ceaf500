import Foundation
import TestSupport
import Testing

/// The shop's orders are made, spoiled by the bug, and repaired, on the embedded ledger.
@Suite(.timeLimit(.minutes(5))) struct OrdersExampleTests {
    private static let example = SharedData.packageDirectory + "/examples/orders"
    private static let range = ["--from", "2024-02-26", "--to", "2024-03-03"]

    @Test func `The fix in SQL makes every day stale, and replaces exactly what the bug had spoiled`() async throws {
        // The ledger and the table must not mind a path that a shell would split.
        let directory = try TemporaryDirectory()
        let shop = directory.appending("a shop")
        let history = try await run(Self.example + "/make-history", [shop, "2024-02-26", "2024-03-03"])
        try #require(history.end == .exited(0), "\(history.errorOutput)")
        #expect(try await checkSilver(of: shop, "--with-the-bug").output == "7 days as expected\n")

        let transform = "/transforms/orders_usd.sql"
        try FileManager.default.removeItem(atPath: shop + transform)
        try FileManager.default.copyItem(atPath: Self.example + transform, toPath: shop + transform)
        let plan: PlanDocument = try await reprocess("plan", in: shop).json()
        #expect(plan.partitions.map(\.reason) == Array(repeating: "stale transform", count: 7))

        let fixed = try await reprocess("run", in: shop)
        #expect(fixed.end == .exited(0), "\(fixed.errorOutput)")
        #expect(try fixed.lastEvent() == FinishedEvent(complete: 7))
        let check = try await checkSilver(of: shop)
        #expect(check.output == "7 days as expected\n", "\(check.errorOutput)")

        #expect(try await reprocess("run", in: shop).lastEvent() == FinishedEvent(complete: 0, skipped: 7))
    }

    @Test func `The past of the shop is not made over the example itself`() async throws {
        let history = try await run(Self.example + "/make-history", [Self.example])
        #expect(history.end == .exited(64))
        #expect(history.errorOutput.contains("name a folder of its own"))
    }

    private func reprocess(_ command: String, in shop: String) async throws -> FinishedProgram {
        try await run(
            try RunningProcess.built("reprocess"), [command, "--json", "--config", shop + "/silver.yaml"] + Self.range)
    }

    private func checkSilver(of shop: String, _ options: String...) async throws -> FinishedProgram {
        try await run(
            try PythonEnvironment.interpreter, [Self.example + "/tests/check_silver.py", shop + "/lake"] + options)
    }

    /// Runs a program with nothing in its environment that names a database.
    private func run(_ executable: String, _ arguments: [String]) async throws -> FinishedProgram {
        var environment: [String: String?] = ["REPROCESS": try RunningProcess.built("reprocess")]
        for name in ["REPROCESS_DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"] {
            environment.updateValue(nil, forKey: name)
        }
        return try await .run(executable, arguments, environment: environment, directory: "/")
    }
}
