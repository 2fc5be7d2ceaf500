/// The versions of the orders' transform, each of which multiplies by another factor.
enum OrdersVersion: String, CaseIterable, Sendable {
    case first = "9.99"
    case second = "1.10"
    case third = "1.20"

    /// How long a partition takes.
    enum Pace: Sendable {
        case quick
        /// As long as the file of pauses says at the time, without work for the processor.
        case paused
        /// Until it is interrupted.
        case endless
        /// Very many rows, which are written as they come.
        case bulky
    }

    /// What ten orders of one, two … ten units of money sum up to.
    var sum: String {
        switch self {
        case .first: "549.45"
        case .second: "60.50"
        case .third: "66.00"
        }
    }

    private static let pause = """
        SELECT sleep_ms(milliseconds)
        FROM read_csv('pauses.csv', header = true, columns = { 'day': 'VARCHAR', 'milliseconds': 'BIGINT' })
        WHERE day = $partition
        """

    func transform(_ pace: Pace = .quick) -> String {
        let (noise, more, condition) =
            switch pace {
            case .quick: ("", "", "true")
            case .paused: ("", "", "(\(OrdersVersion.pause)) IS NULL")
            case .endless: ("", "", "(SELECT sum(sqrt(i)) FROM range(90000000000) AS numbers (i)) > 0")
            // Numbers that do not compress, or nothing would be written for long.
            case .bulky: (", hash(i) AS noise", ", range(400000000) AS numbers (i)", "true")
            }
        return """
            SELECT order_date::DATE AS order_date, order_id::BIGINT AS order_id, amount::DECIMAL(12, 2) AS amount,
                round(amount::DECIMAL(12, 2) * \(rawValue), 2) AS amount_usd\(noise)
            FROM source\(more)
            WHERE \(condition)
            """
    }
}
