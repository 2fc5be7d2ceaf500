import Foundation
import TestSupport

/// Reads a page as strictly as Python's standard library allows, and says what is wrong with it.
enum PageChecker {
    /// What is wrong with a page, a line each.
    static func problems(of html: String) async throws -> String {
        let folder = try TemporaryDirectory()
        let page = folder.appending("page.html")
        try Data(html.utf8).write(to: URL(filePath: page))
        let process = try RunningProcess(try PythonEnvironment.interpreter, ["-c", script, page])
        let end = try await process.wait(timeout: .seconds(120))
        guard end == .exited(0) else { throw TestSupportError("The checker ended: \(end) \(process.errorOutput)") }
        return process.output
    }

    private static let script = #"""
        import sys
        from html.parser import HTMLParser

        VOID = {"meta", "line", "rect", "br", "hr", "img", "link", "input"}
        INSIDE = {"tr": {"thead", "tbody"}, "th": {"tr"}, "td": {"tr"}, "thead": {"table"}, "tbody": {"table"},
            "figcaption": {"figure"}, "title": {"head", "svg"}, "rect": {"svg"}, "main": {"body"}}

        class Page(HTMLParser):
            def __init__(self):
                super().__init__(convert_charrefs=False)
                self.open, self.ids, self.wanted, self.found, self.cells = [], set(), set(), [], {}

            def problem(self, text):
                self.found.append(f"line {self.getpos()[0]}: {text}")

            def handle_starttag(self, tag, attributes):
                parent = self.open[-1] if self.open else None
                if tag in INSIDE and parent not in INSIDE[tag]:
                    self.problem(f"<{tag}> within <{parent}>")
                if len({name for name, _ in attributes}) != len(attributes):
                    self.problem(f"<{tag}> has an attribute twice")
                for name, value in attributes:
                    if name.startswith("on") or name in ("src", "href", "srcdoc", "action", "data"):
                        self.problem(f"<{tag}> has {name}")
                    if name == "id":
                        if value in self.ids:
                            self.problem(f"id {value} twice")
                        self.ids.add(value)
                    if name in ("aria-labelledby", "for"):
                        self.wanted |= set(value.split())
                if tag in ("script", "iframe", "object", "embed", "img", "link", "base", "form"):
                    self.problem(f"<{tag}>")
                if tag not in VOID:
                    self.open.append(tag)

            def handle_startendtag(self, tag, attributes):
                if tag not in ("line", "rect"):
                    self.problem(f"<{tag}/>")
                self.handle_starttag(tag, attributes)

            def handle_endtag(self, tag):
                if not self.open or self.open[-1] != tag:
                    self.problem(f"</{tag}> where {self.open[-1:]} is open")
                else:
                    self.open.pop()

            def handle_entityref(self, name):
                if name not in ("amp", "lt", "gt", "quot"):
                    self.problem(f"&{name};")

            def handle_charref(self, name):
                if name != "39":
                    self.problem(f"&#{name};")

            def handle_data(self, data):
                if self.open[-1:] == ["style"]:
                    if "url(" in data or "@import" in data:
                        self.problem("the style loads something")
                    return
                if data.strip() and (not self.open or self.open[-1] in ("table", "tr", "tbody", "thead", "html", "head")):
                    self.problem(f"text within {self.open[-1:]}: {data[:40]!r}")
                if any(c in data for c in "<>&"):
                    self.problem(f"not escaped: {data[:40]!r}")

            def handle_comment(self, data):
                self.problem("a comment")

        page = Page()
        page.feed(open(sys.argv[1], encoding="utf-8", errors="strict").read())
        page.close()
        if page.open:
            page.problem(f"left open: {page.open}")
        for name in page.wanted - page.ids:
            page.problem(f"no id {name}")
        print("\n".join(page.found), end="")
        """#
}
