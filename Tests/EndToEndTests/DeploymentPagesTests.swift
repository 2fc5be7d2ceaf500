import Foundation
import TestSupport
import Testing

/// What docs/environment.md and docs/deployment.md tell their readers to type, in the project that `init` makes.
@Suite(.timeLimit(.minutes(5))) struct DeploymentPagesTests {
    @Test(arguments: ["environment.md", "deployment.md"])
    func `The commands of the page do what it says`(page: String) async throws {
        let text = try String(contentsOfFile: "\(SharedData.packageDirectory)/docs/\(page)", encoding: .utf8)
        var script: [Substring] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isInside = line == "```sh" } else if isInside { script.append(line) }
        }
        try #require(script.count > 5)
        let cluster = try await TestCluster.shared()
        let database = try await cluster.freshDatabase()
        let folder = try TemporaryDirectory()
        let tools = (try RunningProcess.built("reprocess") as NSString).deletingLastPathComponent
        let path = tools + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        let finished = try await FinishedProgram.run(
            "/bin/bash", ["-euo", "pipefail", "-c", (["reprocess init ."] + script).joined(separator: "\n")],
            environment: ["PATH": path, "REPROCESS_DATABASE_URL": cluster.conninfo(database: database)],
            directory: folder.path)
        #expect(finished.end == .exited(0), "\(finished.output)\(finished.errorOutput)")
    }
}
