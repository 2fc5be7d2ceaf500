internal import Transforms

extension ConfigurationDecoder {
    /// Decodes how partitions are read in batches: `batch: { by: [id], rows: 1_000_000 }`.
    func batching(
        _ job: inout MappingReader, _ sources: [Source]
    ) throws(ConfigurationError) -> Batching? {
        let place = "'batch' of \(job.place)"
        guard var batch = try job.mapping("batch", place: place) else { return nil }
        let columns = try columns(try batch.required("by"), "'by' of \(place)")
        let rows = try count(try batch.required("rows"), "'rows' of \(place)")
        let from = try source(&batch, place, sources)
        try batch.finish()
        return Batching(by: columns, rows: rows, from: from)
    }

    private func columns(_ node: YAMLNode, _ label: String) throws(ConfigurationError) -> [String] {
        var items = [node]
        if case .sequence(let list) = node.content { items = list }
        var columns: [String] = []
        for item in items {
            let column = try ScalarReader(item, label, environment).text()
            guard !columns.contains(where: { $0.lowercased() == column.lowercased() }) else {
                throw ConfigurationError("\(label) names '\(column)' twice.", at: item.position)
            }
            columns.append(column)
        }
        guard !columns.isEmpty else {
            throw ConfigurationError("\(label) names no column: write by: [id].", at: node.position)
        }
        return columns
    }

    /// A number of rows; `1_000_000` is easier to read than what it means.
    private func count(_ node: YAMLNode, _ label: String) throws(ConfigurationError) -> Int64 {
        let text = try ScalarReader(node, label, environment).text()
        guard let count = Int64(text.filter { $0 != "_" }), count > 0 else {
            throw ConfigurationError(
                "\(label) must be a number of rows, 1 or more, but is '\(text)'.", at: node.position)
        }
        return count
    }

    /// The source that is cut into batches: the only one, or the one that is named.
    private func source(
        _ batch: inout MappingReader, _ place: String, _ sources: [Source]
    ) throws(ConfigurationError) -> String {
        let names = sources.map(\.name)
        guard let node = batch.optional("from") else {
            guard let only = names.first, names.count == 1 else {
                let choice = names.isEmpty ? "the job has no source" : "write from: \(names.joined(separator: " or "))"
                throw ConfigurationError(
                    "\(place.capitalizedFirst) does not say which source is read in batches: \(choice).",
                    at: batch.node.position)
            }
            return only
        }
        let name = try ScalarReader(node, "'from' of \(place)", environment).text()
        guard names.contains(name) else {
            throw ConfigurationError(
                "'from' of \(place) is '\(name)', which is no source of the job. Its sources: "
                    + "\(names.isEmpty ? "none" : names.joined(separator: ", ")).", at: node.position)
        }
        return name
    }
}
