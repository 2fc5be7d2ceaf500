"""Prints a Markdown table from the JSON files of `read.py`: kinds of values that a reader reads in V1 and not in V2."""

import json
import sys


def cell(result: dict[str, str]) -> str:
    if result["V2"] == "ok":
        return "yes"
    return "neither version" if result["V1"] != "ok" else f"**no**: {result['V2'].removeprefix('error: ')}"


def main() -> None:
    readers = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            readers.append(json.load(file))
    readers.sort(key=lambda reader: (reader["reader"], reader["version"]))
    kinds = readers[0]["kinds"]
    everywhere = [kind for kind in kinds if all(reader["kinds"][kind]["V2"] == "ok" for reader in readers)]
    head = ["kind of value", "encodings of V2", *(f"{reader['reader']} {reader['version']}" for reader in readers)]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for kind, result in kinds.items():
        if kind not in everywhere:
            cells = [kind, result["encodings"], *(cell(reader["kinds"][kind]) for reader in readers)]
            print("| " + " | ".join(cells) + " |")
    print(f"\nRead right by all of them, in both versions: {', '.join(everywhere)}.")


if __name__ == "__main__":
    main()
