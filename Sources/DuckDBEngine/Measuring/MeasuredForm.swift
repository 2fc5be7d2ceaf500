internal import CMeasure

/// How the values of a measured column lie in memory, and what the numbers of them are as text.
struct MeasuredForm: Sendable, Hashable {
    /// What the values are.
    enum Kind: Sendable, Hashable {
        case boolean, integer, double, float, text, date, time
        case decimal(scale: Int)
        case timestamp(unitsPerSecond: Int64, suffix: String)
        /// Values without an order, or of whose order nothing is told.
        case opaque
    }

    let kind: Kind
    let layout: reprocess_layout

    /// The form of an argument; nil for a type that has to be cast first.
    ///
    /// - Parameters:
    ///   - type: The type of the argument.
    ///   - isText: Whether text is the column's own, and not what a list or a struct was made to be compared.
    init?(_ type: borrowing LogicalType, isText: Bool) {
        switch type.code {
        case 1: self.init(.boolean, REPROCESS_BOOLEAN)
        case 2: self.init(.integer, REPROCESS_INT8)
        case 3: self.init(.integer, REPROCESS_INT16)
        case 4, 36: self.init(.integer, REPROCESS_INT32)
        case 5: self.init(.integer, REPROCESS_INT64)
        case 6: self.init(.integer, REPROCESS_UINT8)
        case 7: self.init(.integer, REPROCESS_UINT16)
        case 8: self.init(.integer, REPROCESS_UINT32)
        case 9: self.init(.integer, REPROCESS_UINT64)
        case 10: self.init(.float, REPROCESS_FLOAT)
        case 11: self.init(.double, REPROCESS_DOUBLE)
        case 12: self.init(.timestamp(unitsPerSecond: 1_000_000, suffix: ""), REPROCESS_INT64)
        case 13: self.init(.date, REPROCESS_INT32)
        case 14: self.init(.time, REPROCESS_INT64)
        case 15: self.init(.opaque, REPROCESS_INTERVAL)
        case 17: self.init(isText ? .text : .opaque, isText ? REPROCESS_TEXT : REPROCESS_BYTES)
        case 18: self.init(.opaque, REPROCESS_BYTES)
        case 19: self.init(decimal: type.decimal)
        case 22: self.init(.timestamp(unitsPerSecond: 1_000_000_000, suffix: ""), REPROCESS_INT64)
        case 27: self.init(.opaque, REPROCESS_UUID)
        case 30: self.init(.opaque, REPROCESS_TIME_TZ)
        case 31: self.init(.timestamp(unitsPerSecond: 1_000_000, suffix: "+00"), REPROCESS_INT64)
        default: return nil
        }
    }

    private init(_ kind: Kind, _ layout: reprocess_layout) {
        self.kind = kind
        self.layout = layout
    }

    private init?(decimal: (width: Int, scale: Int, storage: UInt32)) {
        kind = .decimal(scale: decimal.scale)
        switch decimal.storage {
        case 3: layout = REPROCESS_INT16
        case 4: layout = REPROCESS_INT32
        case 5: layout = REPROCESS_INT64
        case 16: layout = REPROCESS_INT128
        default: return nil
        }
    }

    static func == (left: MeasuredForm, right: MeasuredForm) -> Bool {
        left.kind == right.kind && left.layout.rawValue == right.layout.rawValue
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(layout.rawValue)
    }
}
