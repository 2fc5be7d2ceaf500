internal import Foundation

/// The file `_last_checkpoint`, which tells readers where to begin ("Last Checkpoint File Schema").
struct LastCheckpoint: Hashable, Codable {
    /// The version of the checkpoint.
    var version: Int64
    /// The number of its actions.
    var size: Int64
    var sizeInBytes: Int64?
    var numOfAddFiles: Int64?

    static let fileName = "_last_checkpoint"

    /// Reads the file; nil where it is missing or is none, which readers must not mind.
    static func read(in log: String) -> LastCheckpoint? {
        guard let data = FileManager.default.contents(atPath: log + "/" + fileName) else { return nil }
        return try? JSONDecoder().decode(LastCheckpoint.self, from: data)
    }
}
