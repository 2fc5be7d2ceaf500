import Foundation
import TestSupport
import Testing

/// The example over the real daily reports does what its page says.
@Suite(
    .enabled(if: SharedData.path != nil, "the daily reports are not on this machine"), .timeLimit(.minutes(10)))
struct CovidExampleTests {
    private struct Sums: Decodable, Equatable {
        let days, rows, confirmed, deaths, recovered: Int
    }

    @Test func `A damaged and a missing report fail alone, and after the repair every sum is that of the reports`()
        async throws
    {
        let project = try await CovidProject(originals: try Self.reports)
        try project.changeReport(of: "2020-04-10") { String($0.prefix($0.count / 2)) }
        try project.changeReport(of: "2020-03-05") { _ in nil }
        let range = ["--from", CovidProject.from, "--to", CovidProject.to]

        let plan: PlanDocument = try await project.reprocess(["plan", "--json"] + range).json()
        #expect(plan.run.count == 188)
        #expect(Set(plan.partitions.map(\.reason)) == ["missing"])

        let run = try await project.reprocess(["run", "--json", "--retries", "0"] + range)
        #expect(run.end == .exited(1), "\(run.errorOutput)")
        #expect(try run.lastEvent() == FinishedEvent(complete: 186, failed: 2))
        #expect(project.files(of: "2020-04-10") == nil)
        #expect(project.files(of: "2020-03-05") == nil)
        let rest: PlanDocument = try await project.reprocess(["plan", "--json"] + range).json()
        #expect(
            rest.partitions.filter { $0.action == "run" } == [
                .init(partition: "2020-03-05", action: "run", reason: "failed"),
                .init(partition: "2020-04-10", action: "run", reason: "failed"),
            ])

        for day in ["2020-04-10", "2020-03-05"] { try project.repairReport(of: day) }
        let retry = try await project.reprocess(["retry", "--json"] + range)
        #expect(retry.end == .exited(0), "\(retry.errorOutput)")
        #expect(try retry.lastEvent(as: FinishedEvent.self).complete == 2)

        let expected: [String: Sums] = try await project.python("sums_from_csv.py", try Self.reports).json()
        #expect(expected.values.map(\.days).reduce(0, +) == 188)
        #expect(try await project.python("sums_from_table.py", project.table).json() == expected)

        let again = try await project.reprocess(["run", "--json"] + range)
        #expect(again.end == .exited(0), "\(again.errorOutput)")
        #expect(try again.lastEvent() == FinishedEvent(complete: 0, skipped: 188))
    }

    @Test func `A report that was damaged later leaves the day as it was published`() async throws {
        let project = try await CovidProject(originals: try Self.reports)
        #expect(try await project.reprocess(["run", "--dates", "2020-04-10"]).end == .exited(0))
        let published = try #require(project.files(of: "2020-04-10"))
        try project.changeReport(of: "2020-04-10") { $0 + "\nhalf,a,line" }
        let again = try await project.reprocess(["run", "--dates", "2020-04-10", "--only", "all", "--retries", "0"])
        #expect(again.end == .exited(1), "\(again.errorOutput)")
        #expect(project.files(of: "2020-04-10") == published)
    }

    @Test func `No damage comes in unseen, and no message shows a record`() async throws {
        let damages: [String: (String) throws -> String] = [
            "2020-04-11": { _ in "<html><body>404: Not Found</body></html>\n" },
            "2020-04-12": { Self.inserting("45001,Abbeville,South Carolina", after: 100, of: $0) },
            "2020-04-13": { try Self.replacing(",Scott,", by: ",Scott,Scott,", in: $0) },
            "2020-04-14": { try Self.replacing(",0,0,", by: ",nought,0,", in: $0) },
            // Reads as a field that goes on in the next line, and would swallow a record in silence.
            "2020-04-15": { try Self.replacing(", US\"", by: ", \"US\"", in: $0, fromLine: 2500) },
        ]
        let project = try await CovidProject(originals: try Self.reports)
        for (day, damage) in damages { try project.changeReport(of: day) { try damage($0) } }
        let run = try await project.reprocess(
            ["run", "--json", "--retries", "0", "--from", "2020-04-10", "--to", "2020-04-16"])
        #expect(run.end == .exited(1), "\(run.errorOutput)")
        #expect(try run.lastEvent() == FinishedEvent(complete: 2, failed: 5))
        for word in ["Abbeville", "Scott", "nought"] { #expect(!(run.output + run.errorOutput).contains(word)) }
    }

    @Test(arguments: [
        (
            "2020-01-22", "Hubei, China",
            #"{"active": 399, "combined_key": "Hubei, China", "confirmed": 444, "country": "China", "county": null, "#
                + #""deaths": 17, "fips": null, "last_update": "2020-01-22 17:00:00", "latitude": null, "#
                + #""longitude": null, "province": "Hubei", "recovered": 28}"#
        ),
        (
            "2020-03-10", "Hubei, China",
            #"{"active": 16993, "combined_key": "Hubei, China", "confirmed": 67760, "country": "China", "#
                + #""county": null, "deaths": 3024, "fips": null, "last_update": "2020-03-10 15:13:05", "#
                + #""latitude": 30.9756, "longitude": 112.2707, "province": "Hubei", "recovered": 47743}"#
        ),
        (
            "2020-03-22", "Autauga, Alabama, US",
            #"{"active": 0, "combined_key": "Autauga, Alabama, US", "confirmed": 0, "country": "US", "#
                + #""county": "Autauga", "deaths": 0, "fips": "01001", "last_update": "2020-03-22 23:45:00", "#
                + #""latitude": 32.53952745, "longitude": -86.64408227, "province": "Alabama", "recovered": 0}"#
        ),
        (
            "2020-05-30", "King, Washington, US",
            #"{"active": 7426, "combined_key": "King, Washington, US", "confirmed": 7993, "country": "US", "#
                + #""county": "King", "deaths": 567, "fips": "53033", "last_update": "2020-05-31 02:32:45", "#
                + #""latitude": 47.49137892, "longitude": -121.8346131, "province": "Washington", "recovered": 0}"#
        ),
    ])
    func `Every layout becomes the same columns`(day: String, key: String, record: String) async throws {
        let project = try await CovidProject(originals: try Self.reports)
        let run = try await project.reprocess(["run", "--dates", day])
        #expect(run.end == .exited(0), "\(run.errorOutput)")
        #expect(try await project.python("record.py", project.table, day, key).output == record + "\n")
    }

    private static var reports: String {
        get throws { try #require(SharedData.path) + "/jhu_daily_reports" }
    }

    private static func inserting(_ line: String, after count: Int, of text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        lines.insert(Substring(line), at: count)
        return lines.joined(separator: "\n")
    }

    private static func replacing(_ first: String, by replacement: String, in text: String, fromLine line: Int = 0)
        throws
        -> String
    {
        let head = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(line)
        let start = text.index(text.startIndex, offsetBy: head.reduce(0) { $0 + $1.count + 1 })
        let found = try #require(text.range(of: first, range: start..<text.endIndex))
        return text.replacingCharacters(in: found, with: replacement)
    }
}
