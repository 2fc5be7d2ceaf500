internal import Foundation

/// Reads the actions of a log entry, or of a checkpoint in JSON.
struct LogEntryReader {
    private let decoder = JSONDecoder()

    /// Calls a closure with each action of a file.
    ///
    /// - Returns: What the file was when it was read; nil where there is none.
    /// - Throws: `TableError` where the file is empty or torn: it is never taken for a commit without changes.
    func forEachAction(in path: String, _ body: (DeltaAction) throws -> Void) throws -> FileStatus? {
        guard var reader = try LineReader.openIfPresent(path) else { return nil }
        var number = 0
        var isEmpty = true
        while let line = try reader.next() {
            number += 1
            if LogEntryReader.isBlank(line) { continue }
            isEmpty = false
            guard let action = try action(in: line, number, path) else { continue }
            try body(action)
        }
        guard !isEmpty else { throw LogEntryReader.empty(path) }
        return try reader.status()
    }

    /// All actions of an entry, and what the file was; nil where there is none.
    func actions(in path: String) throws -> (actions: [DeltaAction], status: FileStatus)? {
        var actions: [DeltaAction] = []
        guard let status = try forEachAction(in: path, { actions.append($0) }) else { return nil }
        return (actions, status)
    }

    private func action(in line: Data, _ number: Int, _ path: String) throws -> DeltaAction? {
        do {
            return try ActionLine.action(in: line, decoder)
        } catch is DecodingError {
            throw TableError(
                .refused,
                """
                Line \(number) of \(path) is not an action of a Delta log: the file is torn or damaged. Nothing was \
                changed. Find out which writer made it; if its commit never succeeded, remove the file, otherwise \
                restore it.
                """)
        }
    }

    private static func isBlank(_ line: Data) -> Bool {
        // Nearly every line begins with its action.
        line.first != UInt8(ascii: "{") && line.allSatisfy { $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }
    }

    private static func empty(_ path: String) -> TableError {
        TableError(
            .refused,
            """
            \(path) is empty. A commit is never empty: the machine that wrote it probably lost power, and its data is \
            not in the table. Nothing was changed. Restore the file, or remove it if it is the newest entry and its \
            commit may be lost.
            """)
    }
}
