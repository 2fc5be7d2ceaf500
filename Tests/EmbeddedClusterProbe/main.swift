// One user of an embedded server, as a process of its own for tests: joins, says so, and leaves at the end of its input.
internal import Foundation
internal import ProgressStore

let projectDirectory = CommandLine.arguments[1]
do {
    let cluster = try await EmbeddedCluster.join(projectDirectory: projectDirectory) { message in
        FileHandle.standardError.write(Data("\(message)\n".utf8))
    }
    print("joined \(cluster.conninfo)")
    fflush(nil)
    // Blocks the main thread, on which nothing else runs.
    while readLine() != nil {}
    await cluster.leave()
    print("left")
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(2)
}
