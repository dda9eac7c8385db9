"""The tables of docs/results_format.md against the column lists of the headers.

usage: results_page.py SOURCE_TREE            checks; says what differs, exit 1
       results_page.py SOURCE_TREE --write    rewrites the tables
"""

import pathlib
import re
import sys


def entries(source, name):
    """Rows of an X-macro list as lists of their arguments."""
    body = re.search(rf"#define {name}\(X\)((?:.*\\\n)*.*\n)", source).group(1)
    rows = re.findall(r"X\(((?:\"[^\"]*\"|[^()\"])*)\)", body)
    return [[item.strip('"') for item in re.findall(r'"[^"]*"|[^,\s]+', row)] for row in rows]


def table(rows, kinds):
    """kinds: positions of name, unit, integer (None: float64), flag (None), long name."""
    name, unit, integer, flag, meaning = kinds
    yield "| dataset | type | units | meaning |"
    yield "|---|---|---|---|"
    for row in rows:
        kind = {"1": "int32", "GF_INDEX": "int64"}.get(row[integer] if integer is not None else None, "float64")
        text = row[meaning]
        if flag is not None and row[flag] != "NULL":
            text += f" (NaN: see `{row[flag]}`)"
        yield f"| `{row[name]}` | {kind} | {row[unit]} | {text} |"


def tables(tree):
    portfolio = tree / "engine" / "portfolio"
    columns, block = (portfolio / "columns.h").read_text(), (portfolio / "portfolio.h").read_text()
    return {
        "columns": table(entries(columns, "GF_COLUMN_LIST"), (1, 2, 3, 4, 5)),
        "series": table(entries(block, "GF_SERIES_LIST"), (1, 2, None, None, 3)),
        "startups": table(entries(block, "GF_STARTUP_COLUMN_LIST"), (1, 2, 3, None, 4)),
    }


def main():
    tree = pathlib.Path(sys.argv[1])
    page = tree / "docs" / "results_format.md"
    text = old = page.read_text()
    for name, lines in tables(tree).items():
        block = f"<!-- {name} -->\n" + "\n".join(lines) + f"\n<!-- end of {name} -->"
        text, n = re.subn(rf"<!-- {name} -->\n.*?<!-- end of {name} -->", lambda _: block, text, flags=re.DOTALL)
        if n != 1:
            sys.exit(f"{page}: no table of {name}")
    if "--write" in sys.argv:
        page.write_text(text)
    elif text != old:
        sys.exit(f"{page}: tables differ from the headers; run {sys.argv[0]} {tree} --write")


main()
