/// `man`: the manual page.
enum ManualCommand {
    static let command = Command(
        name: "man",
        summary: "Print the manual page, for man(1).",
        discussion: """
            The page says what all the help pages say, and which environment variable stands for each option. It is made \
            for the version that prints it, from what that version itself reads.
            """,
        options: [],
        examples: [
            .init(purpose: "Read it", arguments: "man | man -l -"),
            .init(purpose: "Install it", arguments: "man > /usr/local/share/man/man1/reprocess.1"),
        ],
        readsProject: { _ in false }
    ) { _, context in
        let page = ManualPage(
            program: context.program, commands: CommandLineProgram.commands(of: context.origin),
            globalOptions: GlobalOptions.all)
        try context.console.result(page.text)
        return .complete
    }
}
