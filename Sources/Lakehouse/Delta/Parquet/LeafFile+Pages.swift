/// How the values of a leaf are read out of its pages.
extension LeafFile {
    fileprivate struct PageHead {
        let kind: Int
        let uncompressed: Int
        let compressed: Int
        let entries: Int
        let encoding: Int
        let levelEncodings: [Int]
    }

    /// A leaf's values in one row group, in the levels of another shape of it; nil where the file has no such leaf.
    func column(_ shape: LeafShape, in group: Int) throws(Unsuitable) -> LeafColumn? {
        guard let own = leaves[shape.path], let chunk = groups[group].chunks[shape.path] else {
            if others.contains(shape.path) { throw Unsuitable() }
            return nil
        }
        guard let levels = shape.levels(from: own), chunk.physical == shape.physical.rawValue else {
            throw Unsuitable()
        }
        var column = LeafColumn(shape)
        do {
            try read(chunk, own, levels, into: &column)
        } catch {
            throw Unsuitable()
        }
        return column
    }

    /// Whether a leaf has any value.
    func hasValues(_ path: String) throws(Unsuitable) -> Bool {
        guard let shape = leaves[path] else { return false }
        for group in groups.indices {
            guard let column = try column(shape, in: group) else { continue }
            if column.definitions.contains(column.greatest) { return true }
        }
        return false
    }

    private func read(_ chunk: Chunk, _ shape: LeafShape, _ levels: [UInt8], into column: inout LeafColumn) throws {
        guard (0...bytes.count).contains(chunk.length), (0...bytes.count).contains(chunk.start),
            (0...LeafFile.largest).contains(chunk.entries)
        else { throw Unsuitable() }
        // Some writers say 0 where there is no dictionary.
        var position = chunk.dictionary.map { $0 > 0 ? min($0, chunk.start) : chunk.start } ?? chunk.start
        let end = position + chunk.length
        guard position >= 4, end <= bytes.count else { throw Unsuitable() }
        var dictionary = LeafColumn(shape)
        while column.definitions.count < chunk.entries {
            guard position < end else { throw Unsuitable() }
            var reader = ThriftReader(bytes, at: position)
            let head = try PageHead(&reader)
            let start = reader.position
            guard head.compressed >= 0, head.compressed <= end - start else { throw Unsuitable() }
            position = start + head.compressed
            let page = try decompressed(bytes[start..<position], chunk.codec, head.uncompressed)
            switch head.kind {
            case 0:
                guard head.levelEncodings == [3, 3],
                    (1...chunk.entries - column.definitions.count).contains(head.entries)
                else { throw Unsuitable() }
                try readData(page, head, shape, levels, dictionary, into: &column)
            case 2:
                guard head.encoding == 0 || head.encoding == 2 else { throw Unsuitable() }
                try readPlain(page, head.entries, into: &dictionary)
            default: throw Unsuitable()
            }
        }
    }

    private func decompressed(_ page: ArraySlice<UInt8>, _ codec: Int, _ size: Int) throws -> ArraySlice<UInt8> {
        switch codec {
        case 0: return page
        case 1:
            guard (0...LeafFile.largest * 8).contains(size) else { throw Unsuitable() }
            return try Snappy.decompressed(page, atMost: size)[...]
        default: throw Unsuitable()
        }
    }

    private func readData(
        _ page: ArraySlice<UInt8>, _ head: PageHead, _ shape: LeafShape, _ levels: [UInt8], _ dictionary: LeafColumn,
        into column: inout LeafColumn
    ) throws {
        var rest = page
        if shape.greatestRepetition > 0 {
            let encoded = try levelBytes(&rest)
            try Levels.decode(encoded, bits: Levels.bits(for: Int(shape.greatestRepetition)), count: head.entries) {
                column.repetitions.append(UInt8(truncatingIfNeeded: $0))
            }
        }
        var values = head.entries
        if shape.greatestDefinition > 0 {
            values = 0
            let greatest = Int(shape.greatestDefinition)
            let encoded = try levelBytes(&rest)
            try Levels.decode(encoded, bits: Levels.bits(for: greatest), count: head.entries) {
                (level) throws(Levels.Malformed) in
                guard level <= greatest else { throw Levels.Malformed() }
                column.definitions.append(levels[level])
                if level == greatest { values += 1 }
            }
        } else {
            column.definitions += repeatElement(column.greatest, count: head.entries)
        }
        switch head.encoding {
        case 0: try readPlain(rest, values, into: &column)
        case 2, 8:
            guard values > 0 else { return }
            guard let bits = rest.popFirst() else { throw Unsuitable() }
            let count = shape.physical == .bytes ? dictionary.ends.count : dictionary.numbers.count
            try Levels.decode(rest, bits: Int(bits), count: values) { (index) throws(Levels.Malformed) in
                guard index < count else { throw Levels.Malformed() }
                column.appendValue(index, of: dictionary)
            }
        default: throw Unsuitable()
        }
    }

    private func levelBytes(_ rest: inout ArraySlice<UInt8>) throws(Unsuitable) -> ArraySlice<UInt8> {
        guard rest.count >= 4 else { throw Unsuitable() }
        let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        guard length <= rest.count else { throw Unsuitable() }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }

    private func readPlain(_ page: ArraySlice<UInt8>, _ count: Int, into column: inout LeafColumn) throws(Unsuitable) {
        guard (0...LeafFile.largest).contains(count) else { throw Unsuitable() }
        switch column.shape.physical {
        case .boolean:
            guard page.count >= (count + 7) / 8 else { throw Unsuitable() }
            for index in 0..<count {
                column.numbers.append(Int64(page[page.startIndex + index >> 3] >> UInt8(index & 7) & 1))
            }
        case .int32, .int64:
            let width = column.shape.physical == .int32 ? 4 : 8
            guard page.count >= count * width else { throw Unsuitable() }
            page.withUnsafeBytes { bytes in
                for index in 0..<count {
                    column.numbers.append(
                        width == 4
                            ? Int64(bytes.loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
                            : bytes.loadUnaligned(fromByteOffset: index * 8, as: Int64.self))
                }
            }
        case .bytes:
            var rest = page
            for _ in 0..<count {
                let value = try levelBytes(&rest)
                column.bytes += value
                column.ends.append(column.bytes.count)
            }
        }
    }
}

extension LeafColumn {
    /// Appends a value out of a dictionary.
    fileprivate mutating func appendValue(_ index: Int, of dictionary: LeafColumn) {
        if shape.physical == .bytes {
            bytes += dictionary.bytes[(index == 0 ? 0 : dictionary.ends[index - 1])..<dictionary.ends[index]]
            ends.append(bytes.count)
        } else {
            numbers.append(dictionary.numbers[index])
        }
    }
}

extension LeafFile.PageHead {
    /// Reads a PageHeader of parquet.thrift.
    fileprivate init(_ reader: inout ThriftReader) throws {
        let fields = try reader.fields()
        kind = fields.integer(1) ?? -1
        uncompressed = fields.integer(2) ?? -1
        compressed = fields.integer(3) ?? -1
        // Of a page of data, or of a dictionary.
        let inner = fields.structure(5) ?? fields.structure(7)
        entries = inner?.integer(1) ?? -1
        encoding = inner?.integer(2) ?? -1
        levelEncodings = [inner?.integer(3) ?? -1, inner?.integer(4) ?? -1]
    }
}
