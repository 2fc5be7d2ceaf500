internal import Foundation
internal import Glibc

/// Where COPY writes within a staging folder: one new file or, where files have a greatest size, a folder of files.
///
/// The folder is hidden from whoever looks for staged files, until it has been emptied into the staging folder.
struct StageDestination {
    /// The path that COPY is given.
    let path: String
    private let staging: String
    private let isFolder: Bool

    init(in staging: String, fileSize: Int64?) {
        self.staging = staging
        isFolder = fileSize != nil
        path = isFolder ? staging + "/.pieces" : StageDestination.unusedFile(in: staging)
    }

    /// Takes away what an earlier COPY wrote: DuckDB writes over a file, and into no folder that has something in it.
    func clear() throws {
        guard isFolder, access(path, F_OK) == 0 else { return }
        try FileManager.default.removeItem(atPath: path)
    }

    /// The files that COPY wrote, by the names under which they are staged.
    func collect() throws -> [String] {
        guard isFolder else { return [path] }
        let pieces = try FileManager.default.contentsOfDirectory(atPath: path)
        var files: [String] = []
        do {
            // In the order in which they were begun: data_0, data_1 … data_10.
            for piece in pieces.sorted(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }) {
                let file = StageDestination.unusedFile(in: staging)
                try StageDestination.rename("\(path)/\(piece)", to: file)
                files.append(file)
            }
            try clear()
        } catch {
            StageDestination.remove(files)
            throw error
        }
        return files
    }

    /// Removes what a failed COPY left.
    ///
    /// Where that cannot be done it is garbage, like the staging that it lies in.
    func abandon(_ collected: [String]) {
        StageDestination.remove(collected)
        if isFolder {
            try? clear()
        } else {
            unlink(path)
        }
    }

    private static func rename(_ source: String, to target: String) throws {
        guard Glibc.rename(source, target) == 0 else {
            throw TransformError(.query, "'\(source)' cannot be renamed: \(String(cString: strerror(errno))).")
        }
    }

    private static func remove(_ files: [String]) {
        for file in files { unlink(file) }
    }

    private static func unusedFile(in directory: String) -> String {
        for number in 0... {
            let path = "\(directory)/part-\(number).parquet"
            if access(path, F_OK) != 0 { return path }
        }
        preconditionFailure("A folder has fewer files than there are numbers.")
    }
}
