import Foundation
import Lakehouse
import ProtocolModel

/// What the real table and its model hold, as text that can be compared.
extension TableRace {
    func compareNames(_ moment: String) {
        let real = realNames()
        let modelled = modelNames()
        if real != modelled {
            let (found, expected) = (real.subtracting(modelled).sorted(), modelled.subtracting(real).sorted())
            differ("\(moment): \(found) instead of \(expected)")
        }
    }

    /// Every name with the number of files in it.
    private func realNames() -> Set<String> {
        var names: Set<String> = []
        let staging = root + ".reprocess/staging/2024-01-01"
        for name in contents(of: staging) { names.insert(describe(name, below: staging)) }
        let previous = root + ".reprocess/previous/2024-01-01"
        for name in contents(of: previous) { names.insert("previous " + describe(name, below: previous)) }
        if FileManager.default.fileExists(atPath: partition) {
            names.insert("visible \(contents(of: partition).count)")
            let writer = (try? table?.current(Self.key))?.writer
            if let index = Self.writers.firstIndex(where: { $0 == writer }) { names.insert("visible of \(index)") }
        }
        return names
    }

    private func describe(_ name: String, below folder: String) -> String {
        let stem = name.prefix { $0 != "." }
        let index = Self.writers.firstIndex { stem.hasSuffix($0.claimID.uuidString.lowercased()) } ?? -1
        let state = name.dropFirst(stem.count + 1).prefix { $0 != "-" }
        if state == "publishing" || state == "published" { return "\(index) \(state)" }
        return "\(index) \(state.isEmpty ? "staging" : "revoked") \(contents(of: "\(folder)/\(name)").count)"
    }

    private func contents(of folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    private func modelNames() -> Set<String> {
        let listed = disk.names[0]
        var names: Set<String> = []
        for index in Self.writers.indices {
            let bit: UInt64 = 1 << UInt64(index)
            if listed.staging & bit != 0 { names.insert("\(index) staging \(count(disk.stagingFolder[index]))") }
            if listed.revoked & bit != 0 { names.insert("\(index) revoked \(count(disk.revokedFolder[index]))") }
            if listed.publishing & bit != 0 { names.insert("\(index) publishing") }
            if listed.published & bit != 0 { names.insert("\(index) published") }
            let previous = disk.previousFolder[index]
            if previous != 0 { names.insert("previous \(index) staging \(count(previous))") }
        }
        if listed.visible != ModelDisk.none {
            names.insert("visible \(count(UInt8(listed.visible)))")
            if let index = disk.visibleWriter(0) { names.insert("visible of \(index)") }
        }
        return names
    }

    private func count(_ folder: UInt8) -> Int {
        let contents = disk.folders[Int(folder)]
        return Int(contents.staged) + Int(contents.named) + Int(contents.foreign)
    }
}
