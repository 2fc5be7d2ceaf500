internal import Glibc
internal import ProgressStore

/// The file that a report is written to: whole, or not at all.
struct ReportFile: Sendable, Hashable {
    /// As the user named it.
    let name: String
    /// The absolute path.
    let path: String
    let format: ReportFormat

    /// Takes a name as it was typed.
    ///
    /// - Parameters:
    ///   - name: The name, relative to the folder where it is not absolute.
    ///   - folder: The working directory.
    ///   - format: The form; nil lets the name's ending say it.
    ///   - option: What the name was given to, for messages.
    ///   - command: The command, for messages.
    /// - Throws: `UsageError` where the name says no form.
    init(
        _ name: String, in folder: String, format: ReportFormat? = nil, option: String, _ command: Command
    ) throws(UsageError) {
        guard let format = format ?? ReportFormat(fileName: name) else {
            throw UsageError(
                "\(option) is '\(name)', whose ending says no form: name a file that ends with \(ReportFormat.endings).",
                command: command)
        }
        self.name = name
        self.format = format
        path = Path.absolute(name, in: folder)
    }

    /// Looks whether the file could be written, and changes nothing.
    ///
    /// This call blocks.
    ///
    /// - Throws: `Refusal` where it could not.
    func check() throws(Refusal) {
        let target = try target()
        let folder = Path.parent(of: target)
        var status = stat()
        guard stat(folder, &status) == 0 else {
            throw refusal("its folder '\(folder)' cannot be looked at: \(systemMessage())")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw refusal("'\(folder)' is not a folder") }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw refusal("its folder '\(folder)' is not writable: \(systemMessage())")
        }
    }

    /// Writes the file in one step: who reads it meanwhile sees the old one or the new one.
    ///
    /// This call blocks.
    ///
    /// - Throws: `Refusal` where it cannot be written; then nothing has changed.
    func write(_ text: String) throws(Refusal) {
        let target = try target()
        let temporary =
            "\(Path.parent(of: target))/.\(Path.name(of: target)).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw refusal(systemMessage()) }
        let failure = WholeWrite.write(text, to: descriptor) ?? (fsync(descriptor) == 0 ? nil : systemMessage())
        close(descriptor)
        guard failure == nil, rename(temporary, target) == 0 else {
            let reason = failure ?? systemMessage()
            unlink(temporary)
            throw refusal(reason)
        }
    }

    /// What is replaced: what a link leads to, and nothing but a file.
    private func target() throws(Refusal) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR || errno == EACCES else { throw refusal(systemMessage()) }
            return path
        }
        if status.st_mode & S_IFMT == S_IFDIR { throw refusal("it is a folder; name a file in it") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refusal("it is not a plain file") }
        guard let real = realpath(path, nil) else { throw refusal(systemMessage()) }
        defer { free(real) }
        return String(cString: real)
    }

    private func refusal(_ why: String) -> Refusal { Refusal("The report '\(name)' cannot be written: \(why).") }
}
