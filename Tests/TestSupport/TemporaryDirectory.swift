internal import Foundation

/// A folder that is removed with everything in it when the last reference goes.
public final class TemporaryDirectory: Sendable {
    /// The absolute path, without symbolic links.
    public let path: String

    /// Makes a folder below the system's temporary folder, or below `parent`.
    public init(in parent: String? = nil) throws {
        let base = URL(filePath: parent ?? NSTemporaryDirectory(), directoryHint: .isDirectory)
        let url = base.appending(path: "reprocess-test-\(UUID().uuidString.lowercased().prefix(13))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path(percentEncoded: false).trimmingSuffix("/")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The absolute path of something below the folder.
    public func appending(_ component: String) -> String { path + "/" + component }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
