internal import Foundation
internal import Glibc
internal import ProgressStore

/// A command line of the user's that the shell runs to tell somebody of a run.
struct NotificationCommand: Sendable {
    /// Variables that mean a run, and must not reach one that the command starts: it would tell of itself for ever.
    private static let own = ["REPROCESS_NOTIFY", "REPROCESS_AT_END"]
    /// How often it is looked whether the command has ended.
    private static let period = 50

    let text: String
    let environment: [String: String]
    let directory: String
    /// How long the command may take before it is killed.
    var limit = Duration.seconds(60)

    /// Runs the command to its end, or kills it.
    ///
    /// It is in a session of its own, with all that it starts, so that no signal of the terminal reaches it. Its standard
    /// output goes nowhere. This call blocks.
    ///
    /// - Parameters:
    ///   - notice: What it is told.
    ///   - isAborted: Whether nothing is waited for any more.
    /// - Returns: What went wrong, for people; nil where nothing did.
    func run(_ notice: RunNotice, isAborted: @Sendable () -> Bool) -> String? {
        // A file and not a pipe: a command that does not read holds nobody up, and no write can fail later.
        guard let input = Self.file(with: notice.json) else {
            return "The summary for '\(text)' cannot be written: \(systemMessage())"
        }
        defer { close(input) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            return "The command '\(text)' cannot be run: \(systemMessage())"
        }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // The command's own end waits, as programs expect it.
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        var launch = ProgramLaunch(["/bin/sh", "-c", text], environment: variables(notice))
        launch.directory = directory
        launch.input = .descriptor(input)
        launch.error = .descriptor(ends[1])
        launch.startsSession = true
        let child: pid_t
        do {
            child = try launch.start()
        } catch {
            close(ends[1])
            return error.message
        }
        close(ends[1])
        var errors = FirstLine()
        let end = wait(for: child, reading: ends[0], into: &errors, isAborted)
        return warning(end, errors.text)
    }

    private func variables(_ notice: RunNotice) -> [String: String] {
        environment.filter { !Self.own.contains($0.key) }.merging(notice.variables) { $1 }
    }

    /// How a command came to its end.
    private enum End {
        case status(Int32)
        case tooLate
        case aborted
    }

    private func wait(
        for child: pid_t, reading errors: Int32, into line: inout FirstLine, _ isAborted: () -> Bool
    ) -> End {
        let deadline = ContinuousClock.now + limit
        var isOpen = true
        while true {
            var request = pollfd(fd: isOpen ? errors : -1, events: Int16(POLLIN), revents: 0)
            _ = poll(&request, 1, Int32(Self.period))
            if isOpen { isOpen = line.read(from: errors) }
            var status: Int32 = 0
            let found = waitpid(child, &status, WNOHANG)
            if found == child || (found < 0 && errno != EINTR) {
                if isOpen { _ = line.read(from: errors) }
                return .status(status)
            }
            let aborts = isAborted()
            guard aborts || ContinuousClock.now >= deadline else { continue }
            // Its session is its process group: what it has started ends with it.
            kill(-child, SIGKILL)
            _ = waitForEnd(of: child)
            return aborts ? .aborted : .tooLate
        }
    }

    private func warning(_ end: End, _ errors: String) -> String? {
        let said = errors.isEmpty ? "" : ": \(errors)"
        switch end {
        case .aborted: return nil
        case .tooLate:
            return "The command '\(text)' took longer than \(DurationText.describe(limit)) and was killed\(said)"
        case .status(0): return nil
        case .status(let status):
            let signal = status & 0x7F
            guard signal == 0 else { return "The command '\(text)' was ended by signal \(signal)\(said)" }
            return "The command '\(text)' ended with code \((status >> 8) & 0xFF)\(said)"
        }
    }

    /// A file without a name that holds a text, to be read from its start.
    private static func file(with text: String) -> Int32? {
        var path = Array((NSTemporaryDirectory() + "/reprocess-notice.XXXXXX").utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(path)
        guard WholeWrite.write(text, to: descriptor) == nil else {
            close(descriptor)
            return nil
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }
}

/// The first line of what a program writes; the rest is read and forgotten, so that the program goes on.
struct FirstLine {
    private static let greatestSize = 300
    private var bytes: [UInt8] = []

    var text: String {
        String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).visible
    }

    /// Reads what is there.
    ///
    /// - Returns: Whether more may come.
    mutating func read(from descriptor: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // Not for ever: a program that never stops writing is stopped by its limit.
        for _ in 0..<64 {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return false }
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            bytes += buffer[..<min(count, Self.greatestSize - bytes.count)]
        }
        return true
    }
}
