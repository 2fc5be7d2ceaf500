package import Foundation

/// A program about to be started: its arguments, environment, and what it inherits.
///
/// Nothing else of this process gets through: no other descriptor, no signal that is blocked or ignored here.
/// Foundation's `Process` can neither start a session nor pass a lock on, and both are needed here.
package struct ProgramLaunch: Sendable {
    /// Where a standard stream of the program comes from or goes to.
    package enum Stream: Sendable {
        /// `/dev/null`.
        case null
        /// An open descriptor of this process.
        case descriptor(Int32)
        /// A file that the program opens itself. A terminal becomes its controlling terminal where a session starts.
        case path(String)
    }

    /// The absolute path of the program, and its arguments.
    package var arguments: [String]
    /// All of the program's environment.
    package var environment: [String: String]
    /// The folder that the program starts in.
    package var directory = "/"
    /// Its standard input.
    package var input = Stream.null
    /// Its standard output.
    package var output = Stream.null
    /// Its standard error.
    package var error = Stream.null
    /// A descriptor that the program gets as number 3.
    package var inherited: Int32?
    /// The program gets a session of its own, so that no Ctrl-C of this terminal reaches it.
    package var startsSession = false

    /// Creates a launch.
    package init(_ arguments: [String], environment: [String: String] = ["PATH": "/usr/bin:/bin", "LC_ALL": "C"]) {
        self.arguments = arguments
        self.environment = environment
    }

    /// Starts the program.
    ///
    /// - Returns: Its process id, which somebody must wait for.
    package func start() throws(LedgerError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in [input, output, error].enumerated() {
            stream.add(to: &actions, as: Int32(number), writes: number > 0)
        }
        if let inherited { posix_spawn_file_actions_adddup2(&actions, inherited, 3) }
        for descriptor in openDescriptors() where descriptor > (inherited == nil ? 2 : 3) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        prepare(&attributes)

        // posix_spawn itself cannot change the folder with the functions that Swift sees; env(1) does.
        let command = ["/usr/bin/env", "--chdir=\(directory)"] + arguments
        var pid = pid_t()
        let result = withCStrings(command) { argv in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                posix_spawn(&pid, command[0], &actions, &attributes, argv, envp)
            }
        }
        guard result == 0 else {
            throw LedgerError(.cluster, "The program \(arguments[0]) cannot be started: \(systemMessage(result)).")
        }
        return pid
    }

    /// Gives every signal its default again, blocked or ignored as it may be in this process.
    private func prepare(_ attributes: inout posix_spawnattr_t) {
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // POSIX_SPAWN_SETSID of glibc and musl, which their headers show only to _GNU_SOURCE.
        let setsid = 0x80
        let flags = Int(POSIX_SPAWN_SETSIGMASK) | Int(POSIX_SPAWN_SETSIGDEF) | (startsSession ? setsid : 0)
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }
}

extension ProgramLaunch.Stream {
    fileprivate func add(to actions: inout posix_spawn_file_actions_t, as number: Int32, writes: Bool) {
        switch self {
        case .null:
            posix_spawn_file_actions_addopen(&actions, number, "/dev/null", writes ? O_WRONLY : O_RDONLY, 0)
        case .descriptor(let descriptor):
            posix_spawn_file_actions_adddup2(&actions, descriptor, number)
        case .path(let path):
            posix_spawn_file_actions_addopen(&actions, number, path, O_RDWR, 0)
        }
    }
}

/// What the system calls an error number.
package func systemMessage(_ number: Int32 = errno) -> String { String(cString: strerror(number)) }

private func openDescriptors() -> [Int32] {
    guard let folder = opendir("/proc/self/fd") else { return [] }
    defer { closedir(folder) }
    var descriptors: [Int32] = []
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if let descriptor = Int32(name) { descriptors.append(descriptor) }
    }
    return descriptors
}

private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { preconditionFailure("A list of C strings has at least its end.") }
        return body(start)
    }
}
