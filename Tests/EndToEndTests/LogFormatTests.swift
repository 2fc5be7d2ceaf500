import Foundation
import TestSupport
import Testing

/// A real run, told in JSON on standard error.
@Suite(.timeLimit(.minutes(5))) struct LogFormatTests {
    private struct Event: Decodable {
        let time: String
        let level: String
        let event: String
        let partition: String?
        let run: Int?
    }

    private func events(_ text: String) throws -> [Event] {
        try text.split(whereSeparator: \.isNewline).map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    }

    @Test func `Every line is an event, beside the data on standard output`() async throws {
        let project = try await Project()
        try project.write("bronze/2024-01-05.csv", "order_date,order_id,amount\n2024-01-05,1,nonsense\n")
        let run = try await project.run(
            "run", "--from", "2024-01-01", "--to", "2024-01-10", "--log-format", "json", "--json")
        #expect(run.code == 1)
        let told = try events(run.errors)
        #expect(told.filter { $0.event == "completed" }.count == 9)
        #expect(told.filter { $0.event == "failed" }.map(\.partition) == ["2024-01-05"])
        #expect(told.filter { $0.event == "failed" }.map(\.level) == ["error"])
        #expect(told.last?.event == "finished")
        #expect(Set(told.filter { $0.partition != nil }.map(\.run)).count == 1)
        #expect(told.allSatisfy { $0.time.hasSuffix("Z") })
        // Standard output has what it always has.
        #expect(run.output.split(separator: "\n").last?.contains("\"event\":\"finished\"") == true, "\(run.output)")
        #expect(!run.output.contains("\"level\""))
    }

    @Test func `A terminal gets lines too, and no display`() async throws {
        let project = try await Project()
        let run = try project.start(
            ["run", "--from", "2024-01-01", "--to", "2024-01-10", "--log-format", "json"], attachment: .terminal())
        #expect(try await run.wait() == .exited(0))
        #expect(!run.output.contains("\u{1B}"), "\(run.output)")
        #expect(try events(run.output).last?.event == "finished")
    }
}
