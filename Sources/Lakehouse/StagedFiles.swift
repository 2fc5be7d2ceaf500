internal import Glibc

/// The files of one staging, checked, with the names under which they are published.
struct StagedFiles {
    /// What the attempt publishes.
    let record: PublishRecord
    /// What an earlier call said that the attempt publishes.
    let earlierRecord: PublishRecord?

    private let directory: String
    /// The published names, by the names that the files had when they were looked at.
    private let names: [(staged: String, published: String)]
    /// What readers take for hidden, such as Spark's `_SUCCESS` and `_temporary`: no data.
    private let markers: [DirectoryHandle.Entry]

    /// Checks each file of a staging.
    init(
        _ contents: FolderContents, _ staging: Staging, rows: Int64, replacing earlier: PublishRecord?
    ) throws {
        let dataFiles = contents.dataFiles
        guard !dataFiles.isEmpty else {
            throw TableError(
                .refused,
                """
                Nothing was staged for partition \(staging.key) in \(staging.directory). A result without rows is a \
                Parquet file without rows: write one.
                """)
        }
        for name in dataFiles { try ParquetFile.check(contents.folderPath + "/" + name, contents.nodes[name]) }
        directory = contents.folderPath
        earlierRecord = earlier
        markers = contents.hiddenEntries
        names = StagedFiles.names(for: dataFiles, writer: staging.writer)
        record = PublishRecord(
            writer: staging.writer, state: .publishing, rows: rows, fileCount: dataFiles.count, bytes: contents.bytes)
    }

    /// Gives the files their published names and removes the markers.
    func nameFiles() throws(SystemCallError) {
        for marker in markers { try FileSystem.remove(marker, in: directory) }
        for name in names where name.staged != name.published {
            try FileSystem.renameToNew(directory + "/" + name.staged, to: directory + "/" + name.published)
        }
    }

    /// Writes the files and their names to the disk.
    func sync() throws(SystemCallError) {
        for name in names { try FileSystem.syncFile(directory + "/" + name.published) }
        try FileSystem.syncDirectory(directory)
    }

    /// The files as they are found in the folder that readers see.
    func generation(in folder: String) -> Generation {
        Generation(
            writer: record.writer, version: record.writer.name,
            files: names.map { folder + "/" + $0.published }.sorted(), bytes: record.bytes, rows: record.rows)
    }

    /// Numbers the files; one that an earlier call has named keeps its name.
    private static func names(for files: [String], writer: Writer) -> [(staged: String, published: String)] {
        var taken = Set(files.compactMap { PublishedFileName($0) }.filter { $0.writer == writer }.map(\.number))
        var next = 0
        return files.map { file in
            if PublishedFileName(file)?.writer == writer { return (file, file) }
            while taken.contains(next) { next += 1 }
            taken.insert(next)
            return (file, PublishedFileName(writer: writer, number: next).description)
        }
    }
}
