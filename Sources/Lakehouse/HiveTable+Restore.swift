public import Partitions

extension HiveTable {
    /// The generation that an attempt replaced, where it is kept.
    ///
    /// A replaced generation lies in `previous/<key>/<attempt>`, or still under the name of the attempt's staging where its
    /// publish was not brought to its end.
    public func replaced(_ key: PartitionKey, by writer: Writer) throws -> ReplacedGeneration {
        try reporting("look for what attempt \(writer.name) replaced in partition \(key)") {
            guard let contents = try replacedContents(key, by: writer) else {
                return .gone(
                    reason: """
                        Nothing is kept of what attempt \(writer.name) replaced in partition \(key): the partition was \
                        new then, or 'clean' has removed the generation that it had.
                        """)
            }
            guard !contents.dataFiles.isEmpty else { return .nothing }
            let record = try contents.soleWriter.flatMap { try self.record(of: $0, key) }
            let generation = generation(contents, record)
            return .kept(
                ReplacedGeneration.Kept(
                    writer: generation.writer, version: generation.version, files: generation.files,
                    bytes: generation.bytes, rows: generation.rows, expiry: .cleaning))
        }
    }

    /// Fills a begun staging with hard links to the files of the generation that an attempt replaced.
    ///
    /// What readers skip, such as `_SUCCESS`, stays behind.
    public func stageReplaced(by writer: Writer, into staging: Staging) throws {
        switch try replaced(staging.key, by: writer) {
        case .kept(let kept):
            try reporting("stage what attempt \(writer.name) replaced in partition \(staging.key)") {
                try fill(staging, with: LinkedFiles(kept.files, faults: faults))
            }
        case .nothing: throw TableError(.missing, ReplacedGeneration.nothingToPutBack(staging.key, writer))
        case .gone(let reason): throw TableError(.missing, reason)
        }
    }

    /// The folder of a replaced generation, as far as it has come on its way.
    private func replacedContents(_ key: PartitionKey, by writer: Writer) throws -> FolderContents? {
        // In the order in which it moves, so that it is not missed on its way; where it was, it may still be put away now.
        for entry in [StagingEntry.staging(writer), .revoked(writer)] {
            guard let contents = try contents(layout.entry(key, entry)), try record(of: writer, key) != nil,
                !contents.nodes.isEmpty, !contents.writers.contains(writer)
            else { continue }
            return contents
        }
        return try contents(layout.replaced(key, by: writer))
    }
}

extension ReplacedGeneration {
    static func nothingToPutBack(_ key: PartitionKey, _ writer: Writer) -> String {
        "Attempt \(writer.name) made partition \(key), which had no files before: there is nothing to put back."
    }
}
