internal import Foundation
internal import Glibc

/// A folder of an engine whose process has died.
public struct AbandonedSpill: Sendable, Hashable {
    /// Its absolute path.
    public let path: String
    /// The number of files in it.
    public let files: Int
    /// Their size.
    public let bytes: Int64

    /// Finds the folders of dead processes, and removes them where that is asked for.
    ///
    /// A folder whose process lives is locked, and left. This call blocks.
    ///
    /// - Parameters:
    ///   - options: The engine's options, which may name the folder for such folders.
    ///   - environment: Where `TMPDIR` is looked up.
    ///   - removes: Whether they are removed.
    /// - Returns: The folders, sorted; those of other users, which cannot be opened, are not among them.
    public static func find(
        options: EngineOptions, environment: [String: String], removes: Bool
    ) -> [AbandonedSpill] {
        let parent = options.spillParent(environment: environment)
        // A parent that is not there, or cannot be read, has no folder of ours.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        return names.filter { $0.hasPrefix(SpillFolder.prefix) }.sorted().compactMap { name in
            examine(parent + "/" + name, removes: removes)
        }
    }

    private static func examine(_ path: String, removes: Bool) -> AbandonedSpill? {
        guard let descriptor = SpillFolder.lock(path) else { return nil }
        // Held until the folder is gone, so that its owner, if it is only just being made, takes another.
        defer { close(descriptor) }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let sizes = names.compactMap { name -> Int64? in
            var status = stat()
            return lstat(path + "/" + name, &status) == 0 ? Int64(status.st_size) : nil
        }
        if removes {
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                return nil
            }
        }
        return AbandonedSpill(path: path, files: names.count, bytes: sizes.reduce(0, +))
    }
}

extension EngineOptions {
    /// Where the folders lie into which engines put what does not fit into memory.
    func spillParent(environment: [String: String]) -> String {
        temporaryDirectory ?? environment["TMPDIR"] ?? "/tmp"
    }
}
