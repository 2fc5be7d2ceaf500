import Foundation
import TestSupport
import Testing

/// A command line as it is typed, up to the tab, and what bash offers then.
struct TypedLine: CustomTestStringConvertible {
    let text: String
    let offers: [String]

    init(_ text: String, _ offers: String...) { (self.text, self.offers) = (text, offers) }

    var testDescription: String { text }
}

/// Real shells with the scripts that the program prints.
@Suite struct CompletionTests {
    /// A folder with two jobs, and one of another project beside it.
    private func folder() throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        for (name, jobs) in [(".", ["orders", "refunds"]), ("the other", ["elsewhere"])] {
            let directory = folder.appending(name)
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let text = jobs.map { "  \($0): { partition: { column: d }, target: { path: t }, transform: t.sql }\n" }
            try ("jobs:\n" + text.joined()).write(
                toFile: directory + "/reprocess.yaml", atomically: false, encoding: .utf8)
            try "SELECT 1".write(toFile: directory + "/t.sql", atomically: false, encoding: .utf8)
        }
        return folder
    }

    /// What bash offers for a line, by the function that the script registers, with the words as bash splits them.
    private func offers(for line: String, in folder: TemporaryDirectory) async throws -> [String] {
        let program = try RunningProcess.built("reprocess")
        let script = """
            set -eu
            eval "$("$program" completion bash)"
            read -r command name <<< "$(complete -p reprocess | sed 's/.*-F \\([^ ]*\\) .*/\\1/') x"
            # Only in a shell that is completing can this be said.
            compopt() { :; }
            IFS=' ' read -ra COMP_WORDS <<< "$(sed 's/=/ = /g' <<< "$line")"
            if [[ $line == *' ' ]]; then COMP_WORDS+=(''); fi
            COMP_WORDS[0]=$program
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            "$command" reprocess "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let finished = try await FinishedProgram.run(
            "/bin/bash", ["--norc", "-c", script], environment: ["program": program, "line": line],
            directory: folder.path)
        try #require(finished.end == .exited(0), "\(finished.errorOutput)")
        return finished.output.split(separator: "\n").map(String.init)
    }

    @Test(arguments: [
        TypedLine("reprocess sta", "status"),
        TypedLine("reprocess ret", "retry"),
        TypedLine("reprocess run --on", "--only", "--on-failure", "--on-breaker"),
        TypedLine("reprocess --on", "--only", "--on-failure", "--on-breaker"),
        TypedLine("reprocess run --order ", "oldest", "newest", "largest"),
        TypedLine("reprocess run --order=n", "newest"),
        TypedLine("reprocess run --order=", "oldest", "newest", "largest"),
        TypedLine("reprocess run --from 2024-01-01 --only f", "failed"),
        TypedLine("reprocess run --from "),
        TypedLine("reprocess plan --workers "),
        TypedLine("reprocess --color a", "auto", "always"),
        TypedLine("reprocess run ", "orders", "refunds"),
        TypedLine("reprocess run r", "refunds"),
        TypedLine("reprocess --from 2024-01-01 --to 2024-01-02 r", "refunds"),
        TypedLine("reprocess run --reason status r", "refunds"),
        TypedLine("reprocess split orders "),
        TypedLine("reprocess --config other.yaml run "),
        TypedLine("reprocess run --config ./other.yaml r"),
        TypedLine("reprocess plan --config re", "reprocess.yaml"),
        TypedLine("reprocess completion ", "bash", "zsh", "jobs"),
        TypedLine("reprocess help ex", "explain"),
        TypedLine("reprocess init the", "the other"),
    ])
    func `Bash offers what can stand there`(line: TypedLine) async throws {
        #expect(try await offers(for: line.text, in: folder()) == line.offers)
    }

    @Test(
        .enabled(if: InstalledProgram.path(of: "zsh") != nil, "zsh is not installed: apt-get install zsh"),
        .timeLimit(.minutes(2)))
    func `Zsh completes in a terminal`() async throws {
        let folder = try folder()
        let zsh = try #require(InstalledProgram.path(of: "zsh"))
        let program = try RunningProcess.built("reprocess")
        let tools = (program as NSString).deletingLastPathComponent
        let path = tools + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        let terminal = try RunningProcess(
            zsh, ["-f", "-i"],
            environment: ["PATH": path, "HOME": folder.path, "TERM": "dumb", "ZDOTDIR": folder.path],
            directory: folder.path, attachment: .terminal(columns: 200, rows: 50))
        // What is typed is echoed: the marks are made so that the echo does not hold them.
        try terminal.type(
            "PS1='> '; autoload -Uz compinit && compinit -u -d dump && eval \"$(reprocess completion zsh)\" && "
                + "print rea''dy\n")
        try await terminal.wait(untilOutputContains: "ready")
        for (typed, completed) in [
            ("reprocess stat\t", "reprocess status>"),
            ("reprocess run --max-p\t", "reprocess run --max-partitions"),
            ("reprocess run --order ne\t", "reprocess run --order newest>"),
            ("reprocess --on-f\t", "reprocess --on-failure"),
            ("reprocess plan ref\t", "reprocess plan refunds>"),
            ("reprocess --from 2024-01-01 ref\t", "reprocess --from 2024-01-01 refunds>"),
            (
                "reprocess plan --config the\\ other/reprocess.yaml else\t",
                "reprocess plan --config the\\ other/reprocess.yaml elsewhere>"
            ),
        ] {
            try terminal.type(typed)
            // Shows the line as it is now: the space or = at its end goes when something else is typed.
            try terminal.type("\u{1}print -r -- \"<\u{5}>\"\n")
            try await terminal.wait(untilOutputContains: "\n<\(completed)")
        }
        try terminal.type("exit\n")
        try await terminal.wait()
    }
}
