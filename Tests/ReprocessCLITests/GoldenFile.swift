import Foundation
import Testing

/// Texts that are compared with files of the repository, which `REPROCESS_REFRESH_GOLDEN=1` writes anew.
enum GoldenFile {
    static func expect(
        _ text: String, equals name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
        if ProcessInfo.processInfo.environment["REPROCESS_REFRESH_GOLDEN"] == "1" {
            try Data(text.utf8).write(to: file)
        }
        let golden = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text == golden, "\(name) differs", sourceLocation: sourceLocation)
    }
}
