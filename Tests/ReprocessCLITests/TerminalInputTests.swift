import Glibc
import PartitionBackfill
import Testing
import TestSupport

@testable import ReprocessCLI

/// Questions, asked at real terminals.
@Suite struct TerminalInputTests {
    /// Both ends of a pseudo-terminal (pts(4), ioctl_tty(2)).
    private final class Terminal {
        private static let getNumber: UInt = 0x8004_5430
        private static let setLock: UInt = 0x4004_5431

        let person: Int32
        let program: Int32

        init(person: Int32, program: Int32) {
            self.person = person
            self.program = program
        }

        static func opened() throws -> Terminal {
            let person = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var number: CInt = 0
            var lock: CInt = 0
            try #require(person >= 0 && ioctl(person, setLock, &lock) == 0 && ioctl(person, getNumber, &number) == 0)
            let program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
            try #require(program >= 0)
            return Terminal(person: person, program: program)
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
        let terminal = try Terminal.opened()
        let question = terminal.question()
        #expect(question.canBeAsked)
        terminal.type(answer)
        #expect(await question.ask("Go on?") == isYes)
    }

    @Test func `A stop is an answer too`() async throws {
        let terminal = try Terminal.opened()
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
        let terminal = try Terminal.opened()
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
