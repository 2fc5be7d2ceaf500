import Testing

@testable import ReprocessCLI

/// A line of an environment file, and the value that it gives `A`; nil where it sets nothing.
struct EnvironmentLineCase: CustomTestStringConvertible {
    let text: String
    let value: String?

    init(_ text: String, _ value: String?) { (self.text, self.value) = (text, value) }

    var testDescription: String { text.debugDescription }
}

@Suite struct EnvironmentFileTests {
    @Test(arguments: [
        EnvironmentLineCase("A=1", "1"),
        EnvironmentLineCase("A=", ""),
        EnvironmentLineCase("  export \t A=1  ", "1"),
        EnvironmentLineCase("\u{FEFF}A=1\r", "1"),
        EnvironmentLineCase("A=two words", "two words"),
        EnvironmentLineCase("A=1 # a comment", "1"),
        EnvironmentLineCase("A= # a comment", ""),
        EnvironmentLineCase("A=#nothing", ""),
        EnvironmentLineCase("A=a#b", "a#b"),
        EnvironmentLineCase("A=x=y", "x=y"),
        EnvironmentLineCase("A=postgresql://u:p%40@h/d?sslmode=require", "postgresql://u:p%40@h/d?sslmode=require"),
        EnvironmentLineCase("A=$HOME ${HOME} $(id) `id`", "$HOME ${HOME} $(id) `id`"),
        EnvironmentLineCase("A='a \"b\" \\n $(id) # c'", "a \"b\" \\n $(id) # c"),
        EnvironmentLineCase("A=\"a 'b' # c\" # d", "a 'b' # c"),
        EnvironmentLineCase("A=\"1\\n2\\t3\\\\ \\\" \\$ \\`\"", "1\n2\t3\\ \" $ `"),
        EnvironmentLineCase("A=ümlaut", "ümlaut"),
        EnvironmentLineCase("# A=1", nil),
        EnvironmentLineCase(" \t", nil),
    ])
    func `A line sets a variable to what it says, and nothing is expanded`(line: EnvironmentLineCase) throws {
        let file = try EnvironmentFile(text: line.text + "\n", shown: ".env")
        #expect(file.values["A"] == line.value)
        #expect(file.values.count == (line.value == nil ? 0 : 1))
    }

    @Test(arguments: [
        ("A", "The line sets nothing"), ("A s3cret", "The line sets nothing"),
        ("s3cret-s3cret=1", "What stands before '=' cannot be"), ("1A=s3cret", "What stands before '=' cannot be"),
        ("=s3cret", "What stands before '=' cannot be"), ("A =s3cret", "What stands before '=' cannot be"),
        ("A= s3cret", "A space follows 'A='"), ("A='s3cret", "The quotes of A are not closed"),
        ("A=\"s3cret\\", "A backslash in the value of A begins no escape"),
        ("A=\"s3cret\\x\"", "A backslash in the value of A begins no escape"),
        ("A='s3cret's3cret", "Something follows the quotes of A"),
        ("B=s3cret", "B is set already in line 2"),
        ("REPROCESS_CONFIG=s3cret", "REPROCESS_CONFIG has no effect here"),
        ("PGSERVICEFILE=s3cret", "PGSERVICEFILE has no effect here"),
    ])
    func `A line that cannot be meant is named by its number, and its value is not shown`(
        line: String, message: String
    ) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try EnvironmentFile(text: "# a comment\nB=1\n\n\(line)\n", shown: "lake/.env")
        }
        let text = try #require(error).description
        #expect(text.hasPrefix("lake/.env:4:1: \(message)"), "\(text)")
        #expect(!text.contains("s3cret"))
    }

    @Test func `A variable of the process hides that of the file, also where it is empty`() throws {
        let file = try EnvironmentFile(text: "A=1\nB=2\nC=3\n", shown: ".env")
        let environment = ProgramEnvironment.merging(["A": "own", "B": ""], file)
        #expect(environment.values == ["A": "own", "B": "", "C": "3"])
        #expect(environment.origin(of: "A") == "A")
        #expect(environment.origin(of: "C") == "C (.env:3)")
    }

    @Test func `Of libpq's variables those are handed on that stand in the file alone`() throws {
        let file = try EnvironmentFile(text: "PGHOST=db\nPGPASSWORD=x\nPGDATA=/data\nOTHER=1\n", shown: ".env")
        let environment = ProgramEnvironment.merging(["PGHOST": "own"], file)
        #expect(environment.file?.serverVariables == ["PGPASSWORD": "x"])
    }
}
