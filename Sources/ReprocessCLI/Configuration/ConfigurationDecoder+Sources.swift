internal import Transforms

extension ConfigurationDecoder {
    /// Decodes `source`, or `sources` with a name for each.
    func sources(_ job: inout MappingReader) throws(ConfigurationError) -> [Source] {
        let single = job.optional("source")
        let several = try job.mapping("sources", place: "'sources' of \(job.place)")
        if single != nil, let several {
            let message = "\(job.place.capitalizedFirst) has both 'source' and 'sources': keep one of them."
            throw ConfigurationError(message, at: several.node.position)
        }
        if let single { return [try source(single, name: "source", place: "'source' of \(job.place)")] }
        // A transform may also name its files itself, or read none.
        guard var sources = several else { return [] }
        var result: [Source] = []
        for name in sources.names {
            let position = sources.isWritten(name)
            guard isIdentifier(name) else {
                let message = "'\(name)' cannot be the name of a source: use letters, digits and '_', as SQL does."
                throw ConfigurationError(message, at: position)
            }
            result.append(
                try source(try sources.required(name), name: name, place: "the source '\(name)' of \(job.place)"))
        }
        try sources.finish()
        return result
    }

    private func source(_ node: YAMLNode, name: String, place: String) throws(ConfigurationError) -> Source {
        var reader = try MappingReader(node, place: place, environment: environment)
        let path = try reader.requiredText("path")
        let format = try reader.value("format") { value throws(ConfigurationError) in
            try value.choice(Source.Format.self)
        }
        guard let format = format ?? guessedFormat(path) else {
            let message = "'format' of \(place) is missing: write csv, parquet, json, hive or delta."
            throw ConfigurationError(message, at: node.position)
        }
        let options = try self.options(&reader, place: place)
        let rows = try rows(&reader, of: format, place: place)
        try reader.finish()
        // A URL such as s3://bucket/key is no path of this machine.
        let location = path.contains("://") ? path : absolute(path)
        return Source(name: name, path: location, format: format, options: options, rows: rows)
    }

    /// Which rows of a Delta table are meant: `partition_column` names a column, `rows: all` says that all are.
    private func rows(
        _ reader: inout MappingReader, of format: Source.Format, place: String
    ) throws(ConfigurationError) -> Source.Rows {
        let columnPosition = reader.isWritten("partition_column")
        let column = try reader.text("partition_column")
        let rowsPosition = reader.isWritten("rows")
        let extent = try reader.value("rows") { value throws(ConfigurationError) in try value.choice(RowExtent.self) }
        let (written, name) = column != nil ? (columnPosition, "partition_column") : (rowsPosition, "rows")
        guard format == .delta || column == nil && extent == nil else {
            let message = "'\(name)' of \(place) goes with 'format: delta' only: other formats are read file by file."
            throw ConfigurationError(message, at: written)
        }
        guard extent == .all else { return .ofPartition(column: column) }
        guard column == nil else {
            let message = "'rows: all' of \(place) needs no 'partition_column': keep one of them."
            throw ConfigurationError(message, at: rowsPosition)
        }
        return .all
    }

    /// The values of `rows`.
    private enum RowExtent: String, CaseIterable {
        case partition, all
    }

    private func guessedFormat(_ path: String) -> Source.Format? {
        let name = path.lowercased()
        if name.hasSuffix(".csv") || name.hasSuffix(".csv.gz") { return .csv }
        if name.hasSuffix(".parquet") { return .parquet }
        return [".json", ".jsonl", ".ndjson", ".json.gz"].contains { name.hasSuffix($0) } ? .json : nil
    }

    private func options(
        _ reader: inout MappingReader, place: String
    ) throws(ConfigurationError) -> [String: Source.Literal] {
        guard var options = try reader.mapping("options", place: "'options' of \(place)") else { return [:] }
        var result: [String: Source.Literal] = [:]
        for name in options.names {
            let position = options.isWritten(name)
            guard isIdentifier(name) else {
                throw ConfigurationError("'\(name)' cannot be the name of a reader's option.", at: position)
            }
            result[name] = try literal(try options.required(name), label: "'\(name)' of \(place)")
        }
        return result
    }

    /// A value as SQL may be given it.
    func literal(_ node: YAMLNode, label: String) throws(ConfigurationError) -> Source.Literal {
        switch node.content {
        case .scalar(_, let isPlain):
            let text = try ScalarReader(node, label, environment).text()
            guard isPlain else { return .text(text) }
            if text == "true" || text == "false" { return .bool(text == "true") }
            if let number = Int64(text) { return .integer(number) }
            // `nan` and `infinity` are words here, not numbers.
            if text.contains(where: \.isNumber), let number = Double(text) { return .double(number) }
            return .text(text)
        case .sequence(let items):
            return .list(try items.map { item throws(ConfigurationError) in try literal(item, label: label) })
        case .mapping:
            var members: [String: Source.Literal] = [:]
            var reader = try MappingReader(node, place: label, environment: environment)
            for name in reader.names { members[name] = try literal(try reader.required(name), label: label) }
            return .map(members)
        }
    }

    private func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) }
    }
}
