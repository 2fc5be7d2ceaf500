import Testing

@testable import Transforms

struct SQLScannerTests {
    @Test(arguments: [
        ("SELECT $partition", ["partition"]),
        ("SELECT $partition_start, $partition_end", ["partition_start", "partition_end"]),
        ("SELECT '$partition' -- $partition", []),
        ("SELECT \"$partition\" /* $a /* $b */ $c */", []),
        ("SELECT 'it''s $a', $b", ["b"]),
        ("SELECT E'it\\'s $a', $b", ["b"]),
        ("SELECT e'a''b\\' $a' || $b", ["b"]),
        ("SELECT 'a\\', $b", ["b"]),
        ("SELECT $$ $a $$, $b", ["b"]),
        ("SELECT $x$ $a $$ $x$, $b", ["b"]),
        ("SELECT a$partition", []),
        ("SELECT $1", ["1"]),
        ("SELECT é$partition", []),
        ("SELECT '$a", []),
        ("SELECT $", [""]),
    ])
    func `parameters are found outside of strings, names and comments only`(text: String, names: [String]) {
        #expect(SQLScanner(text).parameters.map(\.name) == names)
    }

    @Test(arguments: [
        ("SELECT 1", "SELECT 1"), ("SELECT 1 ;", "SELECT 1"), ("SELECT 1; -- done\n ; /* x */", "SELECT 1"),
        ("SELECT ';'", "SELECT ';'"), ("SELECT 1 -- x", "SELECT 1"), ("", ""), ("-- x", ""),
        ("SELECT /* open", "SELECT"),
    ])
    func `a statement ends with its last token`(text: String, statement: String) {
        #expect(String(text.utf8.prefix(SQLScanner(text).end)) == statement)
    }

    @Test(arguments: [
        ("SELECT error('x')", true), ("SELECT ERROR /* y */ ('x')", true), ("SELECT error, 'error(1)'", false),
    ])
    func `called functions are known`(text: String, callsError: Bool) {
        #expect(SQLScanner(text).calledNames.contains("error") == callsError)
    }
}
