import Glibc
import PartitionBackfill
import Synchronization
import TestSupport

@testable import ReprocessCLI

/// Both ends of a pseudo-terminal (pts(4), ioctl_tty(2)): a person at one, the program at the other.
final class PseudoTerminal: Sendable {
    struct Failure: Error {}

    private static let getNumber: UInt = 0x8004_5430
    private static let setLock: UInt = 0x4004_5431

    let person: Int32
    let program: Int32
    private let screen = Mutex("")

    init() throws {
        let person = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var number: CInt = 0
        var lock: CInt = 0
        guard person >= 0, ioctl(person, Self.setLock, &lock) == 0, ioctl(person, Self.getNumber, &number) == 0 else {
            throw Failure()
        }
        self.person = person
        program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard program >= 0 else { throw Failure() }
    }

    deinit {
        close(person)
        close(program)
    }

    func type(_ text: String) { _ = text.withCString { write(person, $0, strlen($0)) } }

    /// What the person sees by now.
    func seen() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        return screen.withLock { screen in
            while case let count = read(person, &buffer, buffer.count), count > 0 {
                screen += String(decoding: buffer[..<count], as: UTF8.self)
            }
            return screen
        }
    }

    func question(_ stop: StopSignal = StopSignal()) -> Question {
        let output = FileOutput(descriptor: program)
        return Question(
            input: TerminalInput(descriptor: program), console: Console(output: output, messages: output), stop: stop)
    }
}
