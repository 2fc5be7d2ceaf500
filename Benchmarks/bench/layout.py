"""Where the benchmark keeps things, and the programs that it builds."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(HERE)
DATA = os.path.join(HERE, "data")
RESULTS = os.path.join(DATA, "results")


def rival(name: str, *arguments: str) -> list[str]:
    """The command line of a rival."""
    return [sys.executable, os.path.join(HERE, "rivals", f"{name}.py"), *arguments]


def source(workload: str) -> str:
    """The folder of a workload's source files, made where they are missing."""
    folder = os.path.join(DATA, workload, "source")
    print(f"making the {workload} source files, where they are missing", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "bench.generate", workload, folder], check=True, cwd=HERE)
    return folder


def built(package: str, product: str) -> str:
    """The path of a product's release build."""
    print(f"building {product} in release mode", file=sys.stderr, flush=True)
    build = ["swift", "build", "--package-path", package, "-c", "release", "--static-swift-stdlib"]
    outcome = subprocess.run([*build, "--product", product], capture_output=True, text=True)
    if outcome.returncode != 0:
        raise SystemExit(f"{product} does not build:\n{outcome.stdout[-4000:]}{outcome.stderr[-4000:]}")
    shown = subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True)
    return os.path.join(shown.stdout.strip(), product)


def reprocess() -> str:
    """The path of this project's program."""
    return built(ROOT, "reprocess")


def no_operation() -> str:
    """The path of the program whose job does nothing."""
    return built(os.path.join(HERE, "NoOp"), "NoOp")


def empty(folder: str) -> None:
    """Makes a folder empty."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)


def size(folder: str) -> int:
    """The bytes of all Parquet files that a reader of a table sees."""
    return sum(
        os.path.getsize(os.path.join(path, name))
        for path, _, names in os.walk(folder)
        for name in names
        if name.endswith(".parquet")
    )
