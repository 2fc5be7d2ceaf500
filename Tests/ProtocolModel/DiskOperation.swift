/// One change of names on the disk.
package struct DiskOperation {
    /// What kinds of changes there are.
    package enum Kind {
        case makeStaging, removeEmptyStaging
        case stageFile, nameFile
        case touchRecord, removeRecord, settleRecord
        case create, exchange, exchangeBack
        case revoke
        case keepStaging, keepRevoked
        case removeFileOfStaging, removeFileOfRevoked, removeRevoked
        case foreignWrite
    }

    /// What the system call says.
    package enum Answer {
        case done, missing, exists, notEmpty
    }

    package var kind: Kind
    /// The attempt of whose name it is; of `foreignWrite` the partition.
    package var subject: UInt8

    package init(_ kind: Kind, _ subject: Int) {
        self.kind = kind
        self.subject = UInt8(truncatingIfNeeded: subject)
    }

    /// The folders whose names it changes, as bits: see `Journal`.
    func folders(key: Int) -> UInt8 {
        switch kind {
        case .create, .exchange, .exchangeBack: Journal.root | Journal.stagings(key)
        case .stageFile, .nameFile, .removeFileOfStaging, .removeFileOfRevoked: Journal.contents
        case .keepStaging, .keepRevoked: Journal.stagings(key) | Journal.previous
        case .foreignWrite: Journal.root
        default: Journal.stagings(key)
        }
    }
}

extension ModelDisk {
    /// Makes one system call, atomically.
    package mutating func perform(_ kind: DiskOperation.Kind, _ subject: Int) -> DiskOperation.Answer {
        let operation = DiskOperation(kind, subject)
        let key = kind == .foreignWrite ? subject : Int(keyOfAttempt[subject])
        let answer = apply(kind, subject, key)
        if answer == .done { journal.append(operation, folders: operation.folders(key: key)) }
        return answer
    }

    mutating func apply(_ kind: DiskOperation.Kind, _ subject: Int, _ key: Int) -> DiskOperation.Answer {
        let bit: UInt64 = 1 &<< UInt64(subject)
        switch kind {
        case .makeStaging: return makeStaging(subject, key, bit)
        case .removeEmptyStaging: return removeEmptyStaging(subject, key, bit)
        case .stageFile, .nameFile, .removeFileOfStaging:
            guard names[key].staging & bit != 0 else { return .missing }
            return changeFile(kind, in: Int(stagingFolder[subject]), of: subject)
        case .removeFileOfRevoked:
            guard names[key].revoked & bit != 0 else { return .missing }
            return changeFile(kind, in: Int(revokedFolder[subject]), of: subject)
        case .touchRecord:
            names[key].publishing |= bit
            return .done
        case .removeRecord:
            guard names[key].publishing & bit != 0 else { return .missing }
            names[key].publishing &= ~bit
            return .done
        case .settleRecord:
            guard names[key].publishing & bit != 0 else { return .missing }
            names[key].publishing &= ~bit
            names[key].published |= bit
            return .done
        case .create, .exchange, .exchangeBack: return publish(kind, subject, key, bit)
        case .revoke: return revoke(subject, key, bit)
        case .keepStaging, .keepRevoked: return keep(kind, subject, key, bit)
        case .removeRevoked: return removeRevoked(subject, key, bit)
        case .foreignWrite: return writeForeign(key)
        }
    }

    private mutating func makeStaging(_ attempt: Int, _ key: Int, _ bit: UInt64) -> DiskOperation.Answer {
        guard names[key].staging & bit == 0 else { return .exists }
        names[key].staging |= bit
        stagingFolder[attempt] = UInt8(truncatingIfNeeded: ModelDisk.folder(of: attempt))
        return .done
    }

    private mutating func removeEmptyStaging(_ attempt: Int, _ key: Int, _ bit: UInt64) -> DiskOperation.Answer {
        guard names[key].staging & bit != 0 else { return .missing }
        guard isEmpty(Int(stagingFolder[attempt])) else { return .notEmpty }
        names[key].staging &= ~bit
        return .done
    }

    private mutating func changeFile(
        _ kind: DiskOperation.Kind, in folder: Int, of attempt: Int
    ) -> DiskOperation.Answer {
        switch kind {
        case .stageFile:
            folders[folder].staged += 1
            folders[folder].isSynced = false
        case .nameFile:
            guard folders[folder].staged > 0 else { return .missing }
            folders[folder].staged -= 1
            folders[folder].named += 1
        default:
            guard !isEmpty(folder) else { return .missing }
            folders[folder].wasEmptied = true
            if folders[folder].staged > 0 {
                folders[folder].staged -= 1
            } else if folders[folder].named > 0 {
                folders[folder].named -= 1
            } else {
                folders[folder].foreign -= 1
            }
        }
        return .done
    }

    private mutating func publish(
        _ kind: DiskOperation.Kind, _ attempt: Int, _ key: Int, _ bit: UInt64
    ) -> DiskOperation.Answer {
        guard names[key].staging & bit != 0 else { return .missing }
        let incoming = Int(stagingFolder[attempt])
        let outgoing = names[key].visible
        if kind == .create {
            guard outgoing == ModelDisk.none else { return .exists }
            names[key].staging &= ~bit
        } else {
            guard outgoing != ModelDisk.none else { return .missing }
            stagingFolder[attempt] = UInt8(truncatingIfNeeded: outgoing)
        }
        names[key].visible = incoming
        // What is taken back was never meant to be seen, and may be removed.
        if kind == .exchangeBack { folders[outgoing].wasVisible = false }
        folders[incoming].wasVisible = true
        folders[incoming].visibleAt = Int32(truncatingIfNeeded: journal.count)
        return .done
    }

    private mutating func revoke(_ attempt: Int, _ key: Int, _ bit: UInt64) -> DiskOperation.Answer {
        guard names[key].staging & bit != 0 else { return .missing }
        guard names[key].revoked & bit == 0 else { return .exists }
        names[key].staging &= ~bit
        names[key].revoked |= bit
        revokedFolder[attempt] = stagingFolder[attempt]
        return .done
    }

    private mutating func keep(
        _ kind: DiskOperation.Kind, _ attempt: Int, _ key: Int, _ bit: UInt64
    ) -> DiskOperation.Answer {
        let isStaging = kind == .keepStaging
        guard (isStaging ? names[key].staging : names[key].revoked) & bit != 0 else { return .missing }
        guard Int(previousFolder[attempt]) == ModelDisk.none else { return .exists }
        if isStaging { names[key].staging &= ~bit } else { names[key].revoked &= ~bit }
        previousFolder[attempt] = isStaging ? stagingFolder[attempt] : revokedFolder[attempt]
        return .done
    }

    private mutating func removeRevoked(_ attempt: Int, _ key: Int, _ bit: UInt64) -> DiskOperation.Answer {
        guard names[key].revoked & bit != 0 else { return .missing }
        guard isEmpty(Int(revokedFolder[attempt])) else { return .notEmpty }
        names[key].revoked &= ~bit
        return .done
    }

    private mutating func writeForeign(_ key: Int) -> DiskOperation.Answer {
        if names[key].visible == ModelDisk.none {
            // One folder of another program for each partition; one that was put away stays there.
            guard !folders[ModelDisk.foreignFolder(key)].wasVisible else { return .missing }
            names[key].visible = ModelDisk.foreignFolder(key)
        }
        let folder = names[key].visible
        folders[folder].wasVisible = true
        folders[folder].foreign += 1
        return .done
    }

    mutating func isEmpty(_ folder: Int) -> Bool {
        let contents = folders[folder]
        return contents.staged == 0 && contents.named == 0 && contents.foreign == 0
    }
}
