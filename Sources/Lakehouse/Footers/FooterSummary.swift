/// What the footers of Parquet files say of the rows in them, whoever wrote them: no row is read.
///
/// What is not certain is left out. Nobody's numbers are bounds, or cut short.
package struct FooterSummary: Sendable, Hashable {
    /// A column in numbers.
    package struct Column: Sendable, Hashable {
        /// The name, as the first file spells it.
        package let name: String
        /// The type, as SQL spells it; nil where it is nested, or is not known here.
        package let type: String?
        /// Rows without a value; nil where that is not told, as of everything nested.
        package let nulls: Int64?
        /// The least value as text; nil where there is none, or not every row group tells it.
        package let minimum: String?
        /// The greatest value as text.
        package let maximum: String?
    }

    /// The number of rows of each file, in their order.
    package let fileRows: [Int64]
    /// The columns of all files, in the order in which they come.
    package let columns: [Column]

    /// The number of rows.
    package var rows: Int64 { fileRows.reduce(0, &+) }

    /// Reads the footers of files; nil where one of them is not understood.
    ///
    /// This call blocks.
    ///
    /// - Throws: `TableError` where a file cannot be opened.
    package init?(ofFiles files: [String]) throws {
        var read: [FooterFacts] = []
        for file in files {
            let facts = try reporting("read the footer of \(file)") { try FooterFacts(of: file) }
            guard let facts else { return nil }
            read.append(facts)
        }
        self.init(read)
    }

    init(_ files: [FooterFacts]) {
        fileRows = files.map(\.rows)
        var order: [String] = []
        var columns: [String: FooterColumn] = [:]
        for file in files {
            for (key, column) in file.columns where columns[key] == nil {
                order.append(key)
                columns[key] = FooterColumn(like: column.element)
            }
        }
        for key in order {
            for file in files { columns[key]?.take(file.columns.first { $0.key == key }?.column, of: file) }
        }
        self.columns = order.compactMap { columns[$0]?.summary }
    }
}

/// The footer of one file.
struct FooterFacts {
    /// A column that is not within another.
    struct Column {
        let element: PlainColumn
        /// What each row group says of it; nil where it is nested.
        let chunks: [ChunkBytes]?
    }

    let rows: Int64
    let isByDuckDB: Bool
    /// By names in lower case, by which columns of several files are found.
    let columns: [(key: String, column: Column)]

    /// Reads a footer; nil where it is not understood.
    init?(of path: String) throws(SystemCallError) {
        guard let bytes = try PlainFooter.bytes(of: path) else { return nil }
        var reader = ThriftReader(bytes)
        guard let contents = try? FooterContents(&reader) else { return nil }
        self.init(contents)
    }

    init?(_ contents: FooterContents) {
        guard let root = contents.elements.first, (0..<contents.elements.count).contains(root.children) else {
            return nil
        }
        var (place, leaf) = (1, 0)
        var columns: [(key: String, column: Column)] = []
        for _ in 0..<root.children {
            guard place < contents.elements.count else { return nil }
            let (element, first) = (contents.elements[place], leaf)
            FooterFacts.skip(contents.elements, &place, &leaf)
            let isPlain = element.children == 0 && !element.isRepeated
            var chunks: [ChunkBytes] = []
            for group in contents.groups where isPlain {
                guard first < group.count else { return nil }
                chunks.append(group[first])
            }
            columns.append((element.name.lowercased(), Column(element: element, chunks: isPlain ? chunks : nil)))
        }
        (rows, isByDuckDB, self.columns) = (contents.rows, contents.isByDuckDB, columns)
    }

    /// Goes past an element and all within it, and counts the leaves.
    private static func skip(_ elements: [PlainColumn], _ place: inout Int, _ leaf: inout Int) {
        var open = 1
        while open > 0, place < elements.count {
            // A damaged footer may say anything.
            let children = min(max(0, elements[place].children), elements.count)
            if children == 0 { leaf += 1 }
            open += children - 1
            place += 1
        }
    }
}
