public import Foundation
internal import ProgressStore

/// A program of this package, or any other, as a real process.
public final class RunningProcess: Sendable {
    /// Where the program's standard streams lead.
    public enum Attachment: Sendable {
        /// Pipes: the program sees that nobody watches.
        case pipes
        /// A pseudo-terminal, which becomes the controlling terminal; both outputs are read from it.
        case terminal(columns: UInt16 = 100, rows: UInt16 = 30)
    }

    /// How a process ended.
    public enum End: Sendable, Equatable {
        /// By itself, with a code.
        case exited(Int32)
        /// By a signal.
        case signalled(Int32)
    }

    /// The id of the process.
    public let id: pid_t
    private let observation: ProcessObservation
    /// The other end of the terminal, or of the pipe that is the standard input.
    private let keyboard: FileHandle

    /// The path of an executable product of this package, as built for the running tests.
    public static func built(_ name: String) throws -> String {
        // The test bundle and the executables are in the same folder; the bundle is the program or one of its arguments.
        let beside = ([ProcessInfo.processInfo.arguments[0]] + ProcessInfo.processInfo.arguments)
            .compactMap { argument in argument.range(of: "/", options: .backwards).map { argument[..<$0.lowerBound] } }
        for folder in beside.map(String.init) + [SharedData.packageDirectory + "/.build/debug"]
        where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        throw TestSupportError("the executable `\(name)` is not built; looked in \(beside)")
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: Its absolute path, such as `RunningProcess.built("reprocess")`.
    ///   - arguments: What follows its name.
    ///   - changes: Changes to the environment of this process; nil takes a variable away.
    ///   - directory: The folder that it starts in; `/` where nothing is given.
    ///   - attachment: Where its standard streams lead.
    /// - Throws: `TestSupportError` where the system has no pipe or terminal left, `LedgerError` where nothing starts.
    public init(
        _ executable: String, _ arguments: [String] = [], environment changes: [String: String?] = [:],
        directory: String = "/", attachment: Attachment = .pipes
    ) throws {
        var launch = ProgramLaunch([executable] + arguments, environment: ProcessInfo.processInfo.environment)
        for (name, value) in changes { launch.environment[name] = value }
        launch.directory = directory
        launch.startsSession = true
        switch attachment {
        case .pipes:
            let (input, output, error) = (try Ends.pipe(), try Ends.pipe(), try Ends.pipe())
            launch.input = .descriptor(input.reading.fileDescriptor)
            launch.output = .descriptor(output.writing.fileDescriptor)
            launch.error = .descriptor(error.writing.fileDescriptor)
            id = try launch.start()
            keyboard = input.writing
            try output.writing.close()
            try error.writing.close()
            observation = ProcessObservation(of: id, output: output.reading, error: error.reading)
        case .terminal(let columns, let rows):
            let ends = try Ends.terminal(columns: columns, rows: rows)
            launch.input = .path(ends.name)
            launch.output = .path(ends.name)
            launch.error = .path(ends.name)
            launch.environment["TERM"] = launch.environment["TERM"] ?? "xterm-256color"
            id = try launch.start()
            keyboard = ends.primary
            observation = ProcessObservation(of: id, output: ends.primary, error: nil)
            try ends.secondary.close()
        }
    }

    deinit { if observation.end == nil { kill(id, SIGKILL) } }

    /// What it has written to standard output so far, or to the terminal.
    public var output: String { observation.text(of: .output) }

    /// What it has written to standard error so far.
    public var errorOutput: String { observation.text(of: .error) }

    /// Whether it is over.
    public var hasEnded: Bool { observation.end != nil }

    /// Sends a signal to the process alone.
    public func send(_ signal: Int32) { if observation.end == nil { kill(id, signal) } }

    /// Writes to its standard input or terminal; `"\u{3}"` is Ctrl-C there.
    public func type(_ text: String) throws { try keyboard.write(contentsOf: Data(text.utf8)) }

    /// Gives its terminal another size, as a user who drags the corner of a window.
    public func resize(columns: UInt16, rows: UInt16 = 30) throws {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(keyboard.fileDescriptor, UInt(TIOCSWINSZ), &size) == 0 else {
            throw TestSupportError("no other size: \(systemMessage())")
        }
    }

    /// Ends its standard input, where that is a pipe.
    public func closeInput() throws { try keyboard.close() }

    /// Waits for it to end, and for all of its output; kills it and throws where that takes longer.
    @discardableResult
    public func wait(timeout: Duration = .seconds(60)) async throws -> End {
        if let end = await observation.wait(timeout, until: { $0.isFinished ? $0.end : nil }) { return end }
        kill(id, SIGKILL)
        throw TestSupportError("the process has not ended within \(timeout).\n\(transcript)")
    }

    /// Waits until one of its outputs contains a text.
    public func wait(untilOutputContains text: String, timeout: Duration = .seconds(60)) async throws {
        let seen = await observation.wait(timeout) { state -> Bool? in
            if state.contains(text) { return true }
            return state.isFinished ? false : nil
        }
        guard seen == true else {
            throw TestSupportError("\"\(text)\" was not written within \(timeout).\n\(transcript)")
        }
    }

    /// Waits until its standard output has so many complete lines.
    public func wait(untilOutputHasLines count: Int, timeout: Duration = .seconds(60)) async throws {
        let seen = await observation.wait(timeout) { state -> Bool? in
            if state.text(of: .output).utf8.count(where: { $0 == 10 }) >= count { return true }
            return state.isFinished ? false : nil
        }
        guard seen == true else {
            throw TestSupportError("\(count) lines were not written within \(timeout).\n\(transcript)")
        }
    }

    private var transcript: String {
        "standard output or terminal:\n\(output)\nstandard error:\n\(errorOutput)"
    }
}

/// The two ends of something that a process reads from or writes to.
///
/// Neither is inherited.
private enum Ends {
    static func pipe() throws -> (reading: FileHandle, writing: FileHandle) {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { throw TestSupportError("no pipe: \(systemMessage())") }
        return (handle(ends[0]), handle(ends[1]))
    }

    static func terminal(
        columns: UInt16, rows: UInt16
    ) throws -> (primary: FileHandle, secondary: FileHandle, name: String) {
        var (primary, secondary) = (Int32(-1), Int32(-1))
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        var name = [CChar](repeating: 0, count: 256)
        guard openpty(&primary, &secondary, &name, nil, &size) == 0 else {
            throw TestSupportError("no pseudo-terminal: \(systemMessage())")
        }
        let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return (handle(primary), handle(secondary), text)
    }

    private static func handle(_ descriptor: Int32) -> FileHandle {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
