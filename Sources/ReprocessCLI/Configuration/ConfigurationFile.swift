internal import Foundation

/// Finds and reads configuration files.
enum ConfigurationFile {
    static let name = "reprocess.yaml"

    /// Finds the file of a working directory: in it, or in the nearest folder above it, as git finds its own.
    static func find(from directory: String) -> String? {
        var folder = directory
        while true {
            let candidate = Path.absolute(name, in: folder)
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            guard folder != "/", folder != "." else { return nil }
            folder = Path.parent(of: folder)
        }
    }

    /// The file that a command line means: the named one, else the one that is found; nil where there is none.
    static func locate(_ arguments: Arguments, workingDirectory: String) -> String? {
        arguments.text("config").map { Path.absolute($0, in: workingDirectory) } ?? find(from: workingDirectory)
    }

    /// Reads a text file.
    ///
    /// - Throws: `ValueError` that says why it cannot be read.
    static func read(_ path: String) throws(ValueError) -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ValueError(message: "there is no such file.")
        }
        guard !isDirectory.boolValue else { throw ValueError(message: "it is a folder; name the file in it.") }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValueError(message: "it cannot be read by this user.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw ValueError(message: "it is not UTF-8 text.")
        }
        return text
    }
}
