"""The workloads, one module each, with a function `run(server, options)` that returns a page in Markdown."""
