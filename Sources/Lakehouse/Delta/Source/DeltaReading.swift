internal import Partitions

/// How the rows of a table's partition are found among its files: a pure function of what its log says.
struct DeltaReading {
    let root: String
    let schema: DeltaSchema
    let partitionColumns: [String]
    /// Names in the log and in the files are not those of the table.
    let mapsColumns: Bool

    /// The table's columns.
    var columns: [DeltaSnapshot.Column] {
        schema.fields.map { field in
            DeltaSnapshot.Column(
                name: field.name, type: field.type.sqlName ?? "",
                valueIndex: mapsColumns ? nil : partitionColumns.firstIndex(of: field.name))
        }
    }

    /// Finds the files of a selection.
    func part(_ selection: DeltaSelection, of files: LiveFiles) throws -> DeltaSnapshot.Part {
        let field = try selection.column.map(field)
        if let field { try check(field, selection.key) }
        if mapsColumns {
            return DeltaSnapshot.Part(files: [], filterColumn: field?.name, features: ["column mapping"])
        }
        let isPartitionColumn = field.map { partitionColumns.contains($0.name) } ?? false
        let live: [LiveFile]
        if let field, isPartitionColumn {
            live = try self.files(of: selection.key, by: field, among: files)
            guard !live.isEmpty else { throw noFiles(field, selection.key) }
        } else {
            live = Array(files.all)
        }
        var part = try part(live)
        // Whoever reads deletion vectors reads the table, and not these files.
        if !isPartitionColumn || !part.features.isEmpty { part.filterColumn = field?.name }
        return part
    }

    /// The answer that some files are, all rows of which are meant.
    func part(_ files: [LiveFile]) throws -> DeltaSnapshot.Part {
        DeltaSnapshot.Part(
            files: try files.sorted { $0.path < $1.path }.map(file), filterColumn: nil,
            features: files.contains { $0.deletionVector != nil } ? ["deletion vectors"] : [])
    }

    /// A column as it was named, in whatever case.
    private func field(_ name: String) throws -> DeltaField {
        if let field = schema.field(name) { return field }
        if let field = schema.fields.first(where: { $0.name.lowercased() == name.lowercased() }) { return field }
        throw TableError(
            .refused,
            """
            The Delta table \(root) has no column "\(name)" by which its rows would belong to a partition. Name its \
            column with 'partition_column' at the source, or say 'rows: all' there if all of its rows are meant.
            """)
    }

    /// Refuses a column in which a partition cannot be told.
    private func check(_ field: DeltaField, _ key: PartitionKey) throws {
        let type = field.type.name
        if type == "string" || type == "timestamp_ntz" || type == "date" && key.granularity != .hour { return }
        let reason =
            type == "date"
            ? "a day, in which hours cannot be told apart"
            : "of type \(type), in which a partition, which is a date on a calendar, cannot be told"
        throw TableError(
            .refused,
            """
            The column "\(field.name)" of the Delta table \(root) is \(reason). Name another one with \
            'partition_column' at the source, or say 'rows: all' there and choose the rows in the transform.
            """)
    }

    /// The files whose partition value lies in a partition.
    private func files(of key: PartitionKey, by field: DeltaField, among files: LiveFiles) throws -> [LiveFile] {
        if files.column == field {
            guard files.unusable == 0 else { throw unusable(field) }
            // A day of a table of days is looked up; a month of it is put together.
            if field.type.name == "string" { return files.files(of: .text(key.description)) }
            if field.type.name == "date", key.granularity == .day {
                return files.files(of: .date(key.date.daysSinceEpoch))
            }
            return files.values.filter { DeltaReading.lies($0, in: key) }.flatMap(files.files)
        }
        return try files.all.filter { file in
            let value = try value(of: field, in: file)
            return field.type.name == "string" ? value == .text(key.description) : DeltaReading.lies(value, in: key)
        }
    }

    private static func lies(_ value: PartitionValue, in key: PartitionKey) -> Bool {
        switch value {
        case .date(let day): (key.date.daysSinceEpoch..<key.end.date.daysSinceEpoch).contains(day)
        case .timestamp(let time): (microseconds(key.start)..<microseconds(key.end)).contains(time)
        default: false
        }
    }

    private static func microseconds(_ time: CivilTime) -> Int64 { Int64(time.hoursSinceEpoch) * 3_600_000_000 }

    private func file(_ live: LiveFile) throws -> DeltaSnapshot.File {
        let path = DeltaPath.location(of: live.path, in: root)
        guard !DeltaPath.canonical(live.path).contains("://") else {
            throw TableError(
                .refused,
                """
                The log of \(root) names the file \(live.path), which is not on this machine. Copy the table with \
                its files, and name the copy as the source.
                """)
        }
        let values = try partitionColumns.map { column -> String? in
            guard let field = schema.field(column) else { return nil }
            _ = try value(of: field, in: live)
            let text = live.partitionValues[column] ?? nil
            // "Partition Value Serialization": an empty text is null.
            return text?.isEmpty == true ? nil : text
        }
        return DeltaSnapshot.File(
            path: path, values: values, deletionVector: live.deletionVector?.uniqueID, bytes: live.size,
            rows: live.rows.map { $0 - (live.deletionVector?.cardinality ?? 0) })
    }

    /// A file's value of a partition column, which must be one.
    private func value(of field: DeltaField, in file: LiveFile) throws -> PartitionValue {
        guard let text = file.partitionValues[field.name] else { throw unusable(field) }
        let value = PartitionValue(text, type: field.type)
        if case .zonelessInstant = value {
            throw TableError(
                .refused,
                """
                The log of \(root) has values of the partition column \(field.name), of type timestamp, that do not \
                say their time zone: they are local times of whoever wrote them. Rewrite the table with a partition \
                column of type date or timestamp_ntz.
                """)
        }
        guard !value.isUnusable else { throw unusable(field) }
        return value
    }

    private func unusable(_ field: DeltaField) -> TableError {
        TableError(
            .refused,
            """
            The log of \(root) has files whose value of \(field.name) is missing, or is no \(field.type.name), so it \
            cannot be told which rows they hold. Rewrite those files with the program that made them.
            """)
    }

    private func noFiles(_ field: DeltaField, _ key: PartitionKey) -> TableError {
        TableError(
            .refused,
            """
            The Delta table \(root) has no files where \(field.name) is \(key). Bring the data, or leave the partition \
            out.
            """)
    }
}
