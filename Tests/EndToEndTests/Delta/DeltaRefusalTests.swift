import Foundation
import Partitions
import TestSupport
import Testing

/// Tables that are not written: said before any work, with what stands in the way and with the code of a refusal.
@Suite struct DeltaRefusalTests {
    private static let days = "2024-01-01"..."2024-01-02"
    private static let commands = ["plan", "run", "retry", "doctor"]

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var `protocol` = #"{"minReaderVersion":1,"minWriterVersion":2}"#
        var properties = "{}"
        var keyType = "date"
        var messages: [String]
    }

    @Test(
        arguments: [
            Case(
                testDescription: "a property", properties: #"{"delta.appendOnly":"true"}"#,
                messages: ["delta.appendOnly = true", "replacing a partition removes data"]),
            Case(
                testDescription: "two features",
                protocol: #"{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["typeWidening"],"#
                    + #""writerFeatures":["typeWidening","icebergCompatV2"]}"#,
                messages: ["the table feature typeWidening", "the table feature icebergCompatV2"]),
            Case(
                testDescription: "a type that has no days", keyType: "long",
                messages: ["order_date", "cannot hold a key for every day"]),
        ], commands)
    func `A table that cannot be written`(example: Case, command: String) async throws {
        let project = try await Project(days: Self.days, format: .delta)
        try project.makeDeltaTable(
            protocol: example.protocol, properties: example.properties, keyType: example.keyType)
        let finished = try await project.run(command, "--from", "2024-01-01", "--to", "2024-01-02")
        #expect(finished.code == 2, "\(finished)")
        for message in example.messages {
            #expect((finished.errors + finished.output).contains(message), "\(finished)")
        }
        #expect(project.logVersions == [0])
        #expect(project.files(below: "lake").count == 1)
        // Nothing is planned, so that nothing fails partition by partition.
        if command != "doctor" {
            #expect(try await project.query("SELECT count(*) FROM \(project.schema).run") == [["0"]])
            #expect(try await project.ledger().isEmpty)
        }
    }

    @Test(arguments: TableFormat.allCases, ["plan", "run", "doctor"])
    func `A table of the other format is refused, with what to write`(made: TableFormat, command: String) async throws {
        let project = try await Project(days: Self.days, format: made)
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-02").code == 0)
        let before = project.files(below: "lake")
        let other: TableFormat = made == .hive ? .delta : .hive
        try project.write("reprocess.yaml", Project.configuration(schema: project.schema, format: other))
        let finished = try await project.run(command, "--from", "2024-01-01", "--to", "2024-01-02")
        #expect(finished.code == 2, "\(finished)")
        let expected = other == .hive ? "give the target the format delta" : "Name an empty folder"
        #expect((finished.errors + finished.output).contains(expected), "\(finished)")
        #expect(project.files(below: "lake") == before)
    }

    @Test(arguments: TableFormat.allCases, [true, false])
    func `A plan writes nothing beside the table, and the doctor tries to`(
        format: TableFormat, exists: Bool
    ) async throws {
        let project = try await Project(days: Self.days, format: format)
        try project.write("lake/others/marker", "")
        if exists { #expect(try await project.run("run", "--dates", "2024-01-01").code == 0) }
        let folder = exists ? "lake/orders.reprocess" : "lake"
        let before = try project.changeTime(of: folder)
        let plan = try await project.run("plan", "--from", "2024-01-01", "--to", "2024-01-02")
        #expect(plan.code == 0, "\(plan)")
        #expect(try project.changeTime(of: folder) == before)
        let doctor = try await project.run("doctor")
        #expect(doctor.code == 0, "\(doctor)")
        #expect(try project.changeTime(of: folder) != before)
    }

    @Test func `A log that cannot be read is refused by the plan, with the file`() async throws {
        let project = try await Project(days: Self.days, format: .delta)
        try project.makeDeltaTable()
        try project.write("lake/orders/_delta_log/00000000000000000001.json", "")
        let plan = try await project.run("plan", "--from", "2024-01-01", "--to", "2024-01-02")
        #expect(plan.code == 2, "\(plan)")
        #expect(plan.errors.contains("00000000000000000001.json"), "\(plan)")
    }
}

extension Project {
    /// When a name in a folder was last made or removed.
    fileprivate func changeTime(of name: String) throws -> [Int] {
        var status = stat()
        try #require(stat(directory.appending(name), &status) == 0)
        return [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
}
