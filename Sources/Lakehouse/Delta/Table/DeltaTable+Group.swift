internal import FaultPoints
internal import Foundation
internal import Glibc
internal import Partitions

/// An attempt that is committed with others, as far as it has come.
private struct Member {
    let pending: PendingCommit
    /// The checksum of the partition as it may be replaced.
    var accepted: String
    /// What its part of the entry says.
    var entry: CommitEntry?
    var result: Result<CommitResult, any Error>?

    init(_ pending: PendingCommit) {
        self.pending = pending
        accepted = pending.base.digest
    }
}

extension DeltaTable {
    /// Commits an attempt: with those of this process that are ready by then, or alone where none is.
    func commitInTurn(_ pending: PendingCommit) throws -> PublishOutcome {
        switch try commits.commit(pending, commit) {
        case .committed: try conclude(pending)
        case .settled(let outcome): outcome
        }
    }

    /// Commits attempts at different partitions, in one entry as far as that can be.
    ///
    /// What is wrong with one of them concerns no other one.
    private func commit(_ pending: [PendingCommit]) -> [Result<CommitResult, any Error>] {
        var members = pending.map(Member.init)
        do {
            while members.count(where: { $0.result == nil }) > 1 {
                try judge(&members)
                // Whoever changes the table itself goes first, and alone: the others are then judged by what it made.
                if let index = members.firstIndex(where: { $0.result == nil && $0.entry?.changesTable == true }) {
                    members[index].result = alone(members[index].pending)
                } else {
                    try commitTogether(&members)
                }
            }
        } catch {
            members.settleAll(.failure(error))
        }
        return members.map { $0.result ?? alone($0.pending) }
    }

    private func alone(_ pending: PendingCommit) -> Result<CommitResult, any Error> {
        Result { try commit(pending) }
    }

    /// Commits attempts by a group of their own, which may fall apart before that: then some have no result yet.
    private func commitTogether(_ members: inout [Member]) throws {
        let group = UUID()
        do {
            try FileSystem.ensureDirectory(layout.groups)
            try FileSystem.touch(layout.group(group))
            try faults.reached(.groupMade)
            for index in members.indices where members[index].result == nil { try join(&members[index], group) }
            try faults.reached(.groupJoined)
            if try commit(&members, by: group) { return try unmark(members.filter { !$0.isCommitted }, group) }
        } catch {
            // What led here is what the members must learn; what cannot be removed now is removed by whoever comes next.
            _ = try? dissolve(group, members)
            throw error
        }
        try dissolve(group, members)
    }

    /// Marks an attempt as a member of a group, unless its name has been taken away.
    ///
    /// The mark comes first. Whoever takes the name away looks for marks afterwards, and takes the group's file away as well.
    private func join(_ member: inout Member, _ group: UUID) throws {
        let staging = member.pending.staging
        do {
            try marks.make(layout.entry(staging.key, .joins(staging.writer, group)))
            try faults.reached(.memberMarked)
            if try FileSystem.status(of: layout.entry(staging.key, .commit(staging.writer))) == nil {
                member.result = .success(.settled(try outcomeWithoutCommit(staging)))
            }
        } catch let error as TableError {
            member.result = .failure(error)
        }
    }

    /// Makes the group's file the next version; false where the group falls apart.
    private func commit(_ members: inout [Member], by group: UUID) throws -> Bool {
        var written: [CommitEntry] = []
        while true {
            try judge(&members)
            let joined = members.filter { $0.result == nil }
            let entries = joined.compactMap(\.entry)
            guard entries.count > 1, !entries.contains(where: \.changesTable) else { return false }
            if !written.elementsEqual(entries, by: { $0.says(sameAs: $1) }) {
                guard try write(entries, group, joined.map(\.writer)) else { return false }
                try faults.reached(.entryWritten)
                written = entries
                continue
            }
            try failedSyncs.remembering(joined.map(\.writer)) { try log.syncForeignEntries() }
            try faults.reached(.aboutToCommit)
            let version = entries[0].header.readVersion + 1
            switch try rename(layout.group(group), to: version, joined.map(\.writer)) {
            case .taken: continue
            case .gone: return false
            case .done: note(written, group, as: version)
            }
            try faults.reached(.committed)
            try syncLog(for: joined.map(\.writer))
            try faults.reached(.commitSynced)
            members.settleAll(.success(.committed))
            return true
        }
    }

    /// Finds out what each member's part says now, all at one version; who has nothing to commit gets a result.
    private func judge(_ members: inout [Member]) throws {
        let open = members.indices.filter { members[$0].result == nil }
        for (index, look) in zip(open, try looks(at: open.map { members[$0].pending.staging.key })) {
            do {
                switch try judge(members[index].pending, look.get(), &members[index].accepted) {
                case .entry(let entry): members[index].entry = entry
                case .settled(let outcome): members[index].result = .success(.settled(outcome))
                }
            } catch {
                members[index].result = .failure(error)
            }
        }
    }

    private func write(_ entries: [CommitEntry], _ group: UUID, _ writers: [Writer]) throws -> Bool {
        let text = try CommitEntry.text(of: entries, transactionID: group.uuidString.lowercased())
        return try write(text, into: layout.group(group), writers)
    }

    /// Removes what is left of a group that was not committed.
    private func dissolve(_ group: UUID, _ members: [Member]) throws {
        try FileSystem.removeFile(layout.group(group))
        try unmark(members, group)
    }

    /// Those that were committed keep the mark until they have come to their end.
    private func unmark(_ members: [Member], _ group: UUID) throws {
        for staging in members.map(\.pending.staging) {
            try FileSystem.removeFile(layout.entry(staging.key, .joins(staging.writer, group)))
        }
    }
}

extension Member {
    fileprivate var writer: Writer { pending.staging.writer }

    fileprivate var isCommitted: Bool {
        if case .success(.committed) = result { true } else { false }
    }
}

extension [Member] {
    /// Gives a result to all that have none.
    fileprivate mutating func settleAll(_ result: Result<CommitResult, any Error>) {
        for index in indices where self[index].result == nil { self[index].result = result }
    }
}
