import Glibc
import PartitionBackfill
import Testing
import TestSupport

@testable import ReprocessCLI

/// Questions, asked at real terminals.
@Suite struct TerminalInputTests {
    /// Both ends of a pseudo-terminal (pty(7)).
    private struct Terminal: ~Copyable {
        let person: Int32
        let program: Int32

        init() throws {
            person = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
            try #require(person >= 0 && grantpt(person) == 0 && unlockpt(person) == 0)
            let name = try #require(ptsname(person).map { String(cString: $0) })
            program = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
            try #require(program >= 0)
        }

        deinit {
            close(person)
            close(program)
        }

        func type(_ text: String) { _ = text.withCString { write(person, $0, strlen($0)) } }

        func question(_ stop: StopSignal = StopSignal()) -> Question {
            let output = FileOutput(descriptor: program)
            return Question(
                input: TerminalInput(descriptor: program), console: Console(output: output, messages: output),
                stop: stop)
        }
    }

    @Test(arguments: [
        ("y\n", true), ("Yes\n", true), (" y \n", true), ("n\n", false), ("\n", false), ("yess\n", false),
        ("\u{4}", false),
    ])
    func `Only yes is yes`(answer: String, isYes: Bool) async throws {
        let terminal = try Terminal()
        let question = terminal.question()
        #expect(question.canBeAsked)
        terminal.type(answer)
        #expect(await question.ask("Go on?") == isYes)
    }

    @Test func `A stop is an answer too`() async throws {
        let terminal = try Terminal()
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
        let terminal = try Terminal()
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
