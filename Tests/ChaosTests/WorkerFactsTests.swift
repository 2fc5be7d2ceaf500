import Testing

@Suite struct WorkerFactsTests {
    private static func claimed(_ day: String, takenOver: Bool) -> String {
        #"{"attempt":2,"event":"claimed","partition":"\#(day)","taken_over":\#(takenOver)}"#
    }

    private static func finished(_ day: String, _ batches: Int, size: Int) -> String {
        #"{"batch_size":\#(size),"batches":\#(batches),"event":"batch_finished","partition":"\#(day)","rows":9}"#
    }

    private static func takenUp(_ day: String, _ batches: Int) -> String {
        #"{"batches":\#(batches),"event":"batches_taken_up","partition":"\#(day)","rows":9}"#
    }

    @Test func `Whoever goes on after a lost worker's batches is counted, and nobody else`() {
        let output = [
            #"{"event":"started","job":"batched"}"#,
            Self.claimed("2024-01-01", takenOver: true), Self.takenUp("2024-01-01", 3),
            Self.finished("2024-01-01", 4, size: 7), Self.finished("2024-01-01", 5, size: 14),
            // Its own, given back before.
            Self.claimed("2024-01-02", takenOver: false), Self.takenUp("2024-01-02", 2),
            Self.finished("2024-01-02", 3, size: 9),
            #"{"event":"lost","partition":"2024-01-02"}"#,
            #"{"batches":1,"event":"batches_forgotten","partition":"2024-01-03"}"#,
            #"{"event":"batch_finis"#,
        ].joined(separator: "\n")
        let facts = WorkerFacts(output: output)
        #expect(facts.takenUp == 1 && facts.takenUpBatches == 3)
        #expect(facts.batches == 3 && facts.cutAgain == 1)
        #expect(facts.lost == 1 && facts.forgotten == ["2024-01-03"])
    }
}
