// A Delta table in a process of its own, which can be measured, stopped and killed:
// DeltaProbe read TABLE COLUMN                 says how many versions and files the log has, and what it took
internal import Foundation
internal import Lakehouse

func run(_ arguments: [String]) throws -> String {
    guard arguments.count == 4, arguments[1] == "read" else { return "usage: DeltaProbe read TABLE COLUMN" }
    let clock = ContinuousClock()
    let start = clock.now
    let summary = try DeltaLogSummary(root: arguments[2], column: arguments[3])
    let time = clock.now - start
    return
        "version \(summary.version) files \(summary.files) values \(summary.partitions) seconds \(time / .seconds(1))"
}

/// The most memory that this process has had, in KiB.
func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
}

do {
    print(try run(CommandLine.arguments))
    print("peak \(try peakMemory())")
} catch let error as TableError {
    print("failed \(error)")
}
