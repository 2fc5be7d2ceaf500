/// One column of several files, put together from what their row groups say of it.
struct FooterColumn {
    private let element: PlainColumn
    private let form: FooterForm?
    private var isPlain = true
    private var nulls: Int64? = 0
    private var least = Extreme.none
    private var greatest = Extreme.none

    /// One end of the values seen so far.
    private enum Extreme {
        /// There was no value yet.
        case none
        case value(FooterValue)
        /// Some row group does not tell.
        case unknown

        mutating func take(_ value: FooterValue?, _ isBetter: (FooterValue, FooterValue) -> Bool) {
            guard let value else {
                self = .unknown
                return
            }
            switch self {
            case .none: self = .value(value)
            case .value(let best): if isBetter(value, best) { self = .value(value) }
            case .unknown: break
            }
        }
    }

    /// A column without rows.
    init(like element: PlainColumn) {
        self.element = element
        form = FooterForm(element)
    }

    /// Takes in what a file says; nil where the file lacks the column, whose values are then null.
    mutating func take(_ column: FooterFacts.Column?, of file: FooterFacts) {
        guard let column else {
            nulls = nulls.map { $0 &+ file.rows }
            return
        }
        guard let chunks = column.chunks else {
            (isPlain, nulls) = (false, nil)
            return
        }
        let isAlike = form != nil && FooterForm(column.element) == form
        for chunk in chunks {
            nulls = if let nulls, let more = chunk.nulls { nulls &+ more } else { nil }
            if chunk.nulls == chunk.values { continue }
            let low = isAlike && chunk.isMinimumExact ? chunk.minimum.flatMap { form?.value($0) } : nil
            // Most writers leave NaN out, which is greater than any number; DuckDB then tells no extremes.
            let mayHideNaN = form?.isFloating == true && !file.isByDuckDB
            let high =
                isAlike && chunk.isMaximumExact && !mayHideNaN ? chunk.maximum.flatMap { form?.value($0) } : nil
            least.take(low) { $0 < $1 }
            greatest.take(high) { $0 > $1 }
        }
        if !isAlike { (least, greatest) = (.unknown, .unknown) }
    }

    var summary: FooterSummary.Column {
        FooterSummary.Column(
            name: element.name, type: isPlain ? form?.sqlName : nil, nulls: nulls, minimum: text(least),
            maximum: text(greatest))
    }

    private func text(_ extreme: Extreme) -> String? {
        guard isPlain, case .value(let value) = extreme else { return nil }
        return form?.text(value)
    }
}
