import Foundation

/// A Parquet file written by pyarrow: a column `v` of three integers.
enum SmallParquet {
    private static let bytes = Data(
        base64Encoded: """
            UEFSMRUAFSQVJCwVBhUAFQYVBhwAAAACAAAABgEBAAAAAgAAAAMAAAAVBBksNQAYBnNjaGVtYRUCABUCJQIYAXYAFgYZHBkcJgAcFQIZJQYA\
            GRgBdhUAFgYWShZKJghJHBUAFQAVAgA8KQYZJgAGAAAAFkoWBiYIFkoAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRkcHAAA\
            AHoAAABQQVIx
            """)

    static func write(to path: String) throws {
        guard let bytes else { throw CocoaError(.fileReadCorruptFile) }
        try bytes.write(to: URL(filePath: path))
    }
}
