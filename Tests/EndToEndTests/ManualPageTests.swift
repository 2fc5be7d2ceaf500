import Foundation
import TestSupport
import Testing

/// The manual page, read by the programs that read manual pages.
@Suite struct ManualPageTests {
    private func shell(_ line: String) async throws -> FinishedProgram {
        try await .run(
            "/bin/bash", ["-o", "pipefail", "-c", line],
            environment: [
                "reprocess": try RunningProcess.built("reprocess"), "LC_ALL": "C.UTF-8", "MANWIDTH": "80",
                "MANROFFOPT": "", "MAN_KEEP_FORMATTING": nil,
            ], directory: "/")
    }

    @Test(.enabled(if: InstalledProgram.path(of: "groff") != nil, "groff is not installed: apt-get install groff-base"))
    func `Groff finds nothing to warn about`() async throws {
        let page = try await shell("\"$reprocess\" man | groff -ww -man -Kutf8 -Tutf8 -rLL=80n > /dev/null")
        #expect(page.end == .exited(0))
        #expect(page.errorOutput.isEmpty, "\(page.errorOutput)")
    }

    @Test(.enabled(if: InstalledProgram.path(of: "man") != nil, "man is not installed: apt-get install man-db"))
    func `Man shows every command, option, variable and code`() async throws {
        let page = try await shell("\"$reprocess\" man > page.1 && man --warnings -E UTF-8 -l page.1 | col -b".inFolder)
        #expect(page.errorOutput.isEmpty, "\(page.errorOutput)")
        let help = try await shell("\"$reprocess\" --help")
        let commands = help.output.split(separator: "\n").drop { $0 != "Commands:" }.dropFirst()
            .prefix { $0.hasPrefix("  ") }.compactMap { line in
                line.dropFirst(2).first?.isLetter == true ? line.split(separator: " ").first : nil
            }
        #expect(commands.count >= 13)
        for command in commands { #expect(page.output.contains("\n   \(command)"), "\(command)") }
        for text in [
            "--max-partitions N", "REPROCESS_MAX_PARTITIONS", "REPROCESS_DATABASE_URL",
            "PGHOST, PGPASSWORD, PGSERVICE …",
            "'run' is meant", "reprocess --from 2024-01-01 --to 2024-06-30", "\n       143    ",
        ] { #expect(page.output.contains(text), "\(text) is missing") }
        #expect(!page.output.contains("REPROCESS_HELP"))
    }
}

extension String {
    /// A line of shell in a folder of its own.
    fileprivate var inFolder: String { "cd \"$(mktemp -d)\" && \(self); code=$?; rm -rf \"$PWD\"; exit $code" }
}
