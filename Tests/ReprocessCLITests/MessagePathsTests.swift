import Testing

@testable import ReprocessCLI

@Suite struct MessagePathsTests {
    @Test(arguments: [
        ("No file '/home/me/data/a.csv' and none '/home/me/b.csv'.", "No file 'data/a.csv' and none 'b.csv'."),
        ("/home/me/transforms/x.sql:3: no", "transforms/x.sql:3: no"),
        ("'/home/mean/a.csv'", "'/home/mean/a.csv'"), ("'/backup/home/me/a.csv'", "'/backup/home/me/a.csv'"),
        ("'s3://bucket/home/me/a'", "'s3://bucket/home/me/a'"), ("/home/me", "/home/me"), ("", ""),
    ])
    func `Paths below the working directory are shown from there, and no others`(text: String, shown: String) {
        #expect(MessagePaths(workingDirectory: "/home/me").shortened(text) == shown)
    }

    @Test func `In the root folder, paths stay whole`() {
        #expect(MessagePaths(workingDirectory: "/").shortened("'/a/b'") == "'/a/b'")
    }
}
