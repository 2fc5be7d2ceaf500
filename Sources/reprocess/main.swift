internal import ReprocessCLI

await ReprocessProgram.main()
