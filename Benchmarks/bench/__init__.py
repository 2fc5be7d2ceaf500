"""The harness: makes data, runs programs side by side, and writes down what it saw.

This package imports nothing but Python's standard library, so that the process that measures stays small and quiet;
what needs DuckDB runs in processes of its own.
"""
