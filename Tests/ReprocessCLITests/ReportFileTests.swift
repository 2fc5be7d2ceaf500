import Foundation
import Glibc
import TestSupport
import Testing

@testable import ReprocessCLI

@Suite struct ReportFileTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func file(_ name: String, format: ReportFormat? = nil) throws -> ReportFile {
        try ReportFile(name, in: folder.path, format: format, option: "--at-end", RunCommand.command)
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: folder.appending(name))), as: UTF8.self)
    }

    @Test func `The ending says the form`() throws {
        let forms: [(String, ReportFormat)] = [
            ("a.html", .html), ("a.HTM", .html), ("b.c/a.md", .markdown), ("/tmp/a.json", .json), ("a.b.txt", .text),
        ]
        for (name, format) in forms { #expect(try file(name).format == format) }
        for name in ["a", "a.pdf", ".html", "a.html/", "x.html/a"] {
            let error = #expect(throws: UsageError.self, "\(name)") { try file(name.hasSuffix("/") ? "a.pdf" : name) }
            #expect(error?.message.contains(".html, .md, .json or .txt") == true)
        }
        #expect(try file("report", format: .html).format == .html)
    }

    @Test func `A file is replaced as a whole, and what a link leads to`() throws {
        try file("a.html").write("old")
        try file("a.html").write("new")
        #expect(try text("a.html") == "new")
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending("latest.html"), withDestinationPath: folder.appending("a.html"))
        try file("latest.html").write("newer")
        #expect(try text("a.html") == "newer")
        // Nothing is left beside them.
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["a.html", "latest.html"])
    }

    @Test func `What cannot be written is refused, and left as it is`() throws {
        try FileManager.default.createDirectory(atPath: folder.appending("d.html"), withIntermediateDirectories: false)
        try Data("x".utf8).write(to: URL(filePath: folder.appending("plain")))
        #expect(mkfifo(folder.appending("pipe.txt"), 0o600) == 0)
        for (name, why) in [
            ("d.html", "it is a folder"), ("missing/a.html", "No such file or directory"),
            ("plain/a.html", "is not a folder"), ("pipe.txt", "it is not a plain file"),
        ] {
            for attempt in [{ try file(name).check() }, { try file(name).write("y") }] {
                let error = #expect(throws: Refusal.self, "\(name)", performing: attempt)
                #expect(error?.description.contains("The report '\(name)' cannot be written:") == true)
                #expect(
                    error?.description.contains(why) == true || name == "plain/a.html", "\(error?.description ?? "")")
            }
        }
        #expect(try text("plain") == "x")
    }

    @Test func `A failed write leaves neither the new file nor a part of it`() throws {
        try file("a.html").write("old")
        // A name that is longer than a file may have: the temporary file cannot be made.
        let long = String(repeating: "n", count: 250) + ".html"
        #expect(throws: Refusal.self) { try file(long).write("x") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.html"])
    }
}
