import Foundation
import PartitionBackfill
import Testing

@testable import ReprocessCLI

/// What a table has to tell beside the outcome of a publish.
@Suite struct TableNoticeTests {
    @Test func `A notice is an event for programs, and a line for people`() throws {
        let event = BackfillEvent.tableNotice(message: "No checkpoint was written.")
        let line = RunEventJSON.line(for: event)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(object == ["event": "table_notice", "message": "No checkpoint was written."])
        var display = ProgressDisplay(job: "orders", total: 10)
        #expect(display.apply(event, at: .zero) == ["No checkpoint was written."])
        #expect(display.frame(at: .zero, width: 80).count == 1)
    }
}
