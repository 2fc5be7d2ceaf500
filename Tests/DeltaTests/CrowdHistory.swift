import Foundation

/// What a log says that many writers have done, step by step, held against what each of them meant to do.
struct CrowdHistory {
    /// What does not hold, in words; empty where all is as it must be.
    private(set) var faults: [String] = []
    /// The writes that each day consists of at the end.
    private(set) var contents: [String: Set<String>] = [:]
    /// How often each write is in the log.
    private(set) var commits: [String: Int] = [:]
    /// Entries with more attempts than one.
    private(set) var groups = 0
    private(set) var versions = 0

    /// The live files of each day, and the write that made each file.
    private var live: [String: [String: String]] = [:]
    private var known: Set<String> = []

    /// Applies the entries of a table, from its first version on.
    init(_ sample: DeltaSample) throws {
        versions = sample.versions.count
        if sample.versions != (0..<Int64(versions)).map({ $0 }) { faults.append("versions are missing") }
        for version in 0..<versions { try apply(sample.actions(of: version), version) }
    }

    private mutating func apply(_ actions: [[String: Any]], _ version: Int) {
        let infos = actions.compactMap { $0["commitInfo"] as? [String: Any] }
        if infos.count != 1 { faults.append("version \(version) has \(infos.count) writers") }
        var touched: Set<String> = []
        // What the writers meant.
        if let day = infos.first?["crowd.day"] as? String, let id = infos.first?["crowd.id"] as? String {
            let earlier = infos.first?["crowd.mode"] as? String == "append" ? contents[day, default: []] : []
            note("theirs \(id)", day, earlier, &touched)
        }
        let adds = actions.compactMap { $0["add"] as? [String: Any] }
        let counts = actions.compactMap { $0["txn"] as? [String: Any] }
        if counts.count > 1 { groups += 1 }
        for count in counts {
            let day = (count["appId"] as? String)?.split(separator: "/").last.map(String.init) ?? "none"
            note("ours \((count["version"] as? NSNumber)?.int64Value ?? -1)", day, [], &touched)
            // The other program does not see a file without rows as something that it would replace.
            let isEmpty = adds.allSatisfy { CrowdHistory.place(of: $0).day != day || CrowdHistory.rows(of: $0) == 0 }
            if isEmpty { contents[day] = [] }
        }
        // What the entry does.
        for remove in actions.compactMap({ $0["remove"] as? [String: Any] }) {
            let (path, day) = CrowdHistory.place(of: remove)
            touched.insert(day)
            if live[day]?.removeValue(forKey: path) == nil {
                faults.append("\(version) removes \(path), which is gone")
            }
        }
        for add in adds {
            let (path, day) = CrowdHistory.place(of: add)
            touched.insert(day)
            if !known.insert(path).inserted { faults.append("\(version) adds \(path) once more") }
            let write = infos.first?["crowd.id"].map { "theirs \($0)" } ?? "ours \(CrowdHistory.fence(in: path))"
            live[day, default: [:]][path] = CrowdHistory.rows(of: add) == 0 ? CrowdHistory.nothing : write
        }
        for day in touched
        where Set(live[day, default: [:]].values).subtracting([CrowdHistory.nothing]) != contents[day, default: []] {
            faults.append("\(version): \(day) has \(live[day, default: [:]]), not \(contents[day, default: []])")
        }
    }

    private mutating func note(_ write: String, _ day: String, _ earlier: Set<String>, _ touched: inout Set<String>) {
        commits[write, default: 0] += 1
        contents[day] = earlier.union([write])
        if !touched.insert(day).inserted { faults.append("\(write) shares \(day) with another one in an entry") }
    }

    /// What a file without rows stands for.
    private static let nothing = "nothing"

    private static func rows(of add: [String: Any]) -> Int? {
        let stats = (add["stats"] as? String).flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) }
        return ((stats as? [String: Any])?["numRecords"] as? NSNumber)?.intValue
    }

    private static func place(of file: [String: Any]) -> (path: String, day: String) {
        let values = file["partitionValues"] as? [String: Any]
        return (file["path"] as? String ?? "none", values?["order_date"] as? String ?? "none")
    }

    /// The fence in the name of a file of ours.
    private static func fence(in path: String) -> Int64 {
        let name = path.split(separator: "/").last ?? ""
        return name.split(separator: "-").dropFirst().first.flatMap { Int64($0) } ?? -1
    }
}
