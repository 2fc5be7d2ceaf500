"""Exits 0 when every distribution pinned in a requirements file is installed in that version."""

import sys
from importlib import metadata


def is_installed(requirement: str) -> bool:
    name, _, version = requirement.partition("==")
    try:
        return metadata.version(name.partition("[")[0]) == version
    except metadata.PackageNotFoundError:
        return False


with open(sys.argv[1], encoding="utf-8") as file:
    pinned = [line.strip() for line in file if line.strip()]
sys.exit(0 if all(map(is_installed, pinned)) else 1)
