import Glibc
import PartitionBackfill
import Testing
import TestSupport

@testable import ReprocessCLI

/// Questions, asked at real terminals.
@Suite struct TerminalInputTests {
    @Test(arguments: [
        ("y\n", true), ("Yes\n", true), (" y \n", true), ("n\n", false), ("\n", false), ("yess\n", false),
        ("\u{4}", false),
    ])
    func `Only yes is yes`(answer: String, isYes: Bool) async throws {
        let terminal = try PseudoTerminal()
        let question = terminal.question()
        #expect(question.canBeAsked)
        terminal.type(answer)
        #expect(await question.ask("Go on?") == isYes)
    }

    @Test func `A stop is an answer too`() async throws {
        let terminal = try PseudoTerminal()
        let stop = StopSignal()
        let question = terminal.question(stop)
        async let answer = question.ask("Go on?")
        stop.request(.drain)
        #expect(await answer == false)
    }

    @Test func `Nobody is asked through a file or a pipe`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        #expect(!TerminalInput(descriptor: ends[0]).isTerminal)
        let terminal = try PseudoTerminal()
        let output = FileOutput(descriptor: ends[1])
        let question = Question(
            input: TerminalInput(descriptor: terminal.program), console: Console(output: output, messages: output),
            stop: StopSignal())
        #expect(!question.canBeAsked)
    }

    @Test func `Who decides is a user on a machine`() throws {
        let parts = Person.current.split(separator: "@", omittingEmptySubsequences: false)
        #expect(parts.count == 2)
        #expect(parts.allSatisfy { !$0.isEmpty })
    }
}
