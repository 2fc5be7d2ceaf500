internal import Partitions

extension PartitionKey {
    /// Reads a key as the ledger holds it; its length tells its granularity.
    ///
    /// A plan of a million partitions reads each of them, so that this makes no strings.
    init?(ledgerText bytes: UnsafeRawBufferPointer) {
        let granularity: Granularity
        switch bytes.count {
        case 7: granularity = .month
        case 10: granularity = .day
        case 13: granularity = .hour
        default: return nil
        }
        guard let year = bytes.number(at: 0, digits: 4), let month = bytes.number(at: 5, digits: 2),
            bytes[4] == UInt8(ascii: "-")
        else { return nil }
        var day = 1
        var hour = 0
        if granularity != .month {
            guard bytes[7] == UInt8(ascii: "-"), let number = bytes.number(at: 8, digits: 2) else { return nil }
            day = number
        }
        if granularity == .hour {
            guard bytes[10] == UInt8(ascii: "T"), let number = bytes.number(at: 11, digits: 2), number < 24 else {
                return nil
            }
            hour = number
        }
        guard let date = CivilDate(year: year, month: month, day: day) else { return nil }
        self.init(granularity: granularity, containing: date, hour: hour)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func number(at start: Int, digits: Int) -> Int? {
        var number = 0
        for index in start..<(start + digits) {
            let digit = Int(self[index]) - 0x30
            guard (0...9).contains(digit) else { return nil }
            number = number * 10 + digit
        }
        return number
    }
}

extension Granularity {
    /// The number of characters of each key.
    var keyLength: Int {
        switch self {
        case .month: 7
        case .day: 10
        case .hour: 13
        }
    }
}
