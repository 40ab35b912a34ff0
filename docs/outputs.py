"""Runs the commands and the code of the pages and writes what they print below them.

`python -m docs.outputs` does each page, or those named, from its first fence to its last in an empty folder. What it runs:

- ```toml and ```csv whose first line is `# PATH`: the file is written;
- ```sh: each line that starts with `clusterpact` (others are for the reader's own machine); with the word `short`, which is
  for fences without an output, of few runs (SHORT);
- ```python: in one namespace per page;
- ```output: takes what the fence before it printed. `lines="A|B"` keeps the lines in which that regular expression is found,
  and `…` stands for those between. Times, speeds and checksums, which differ from machine to machine, are `…` too.

A fence with the word `slow` is run only with `--slow`, which does all fences. A word that ends with `…`, such as
`runs/dunkirk-…`, is the one folder of that name and an id. `--check` writes nothing, and exits with 1 where a page is not
what its commands print.
"""

import argparse
import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from unittest import mock

from clusterpact.cli import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    "docs/tutorial-researcher.md", "docs/tutorial-policy-designer.md", "docs/tutorial-schedule.md", "docs/tutorial-batch.md",
    "docs/python.md", "docs/one-run.md", "docs/timing.md", "docs/accounts.md", "docs/clusters.md", "docs/your-cluster.md",
    "docs/hpc.md", "docs/discover.md", "docs/lab.md", "README.md",
)  # fmt: skip
FENCE = re.compile(r"^```(toml|csv|sh|python|output)([^\n]*)\n(.*?)^```$", re.M | re.S)
#: Words added to the commands of a fence with the word `short`.
SHORT = {
    "run": "--runs 8", "compare": "--lever-runs 0", "report": "--lever-runs 0", "moves": "--samples 2",
    "lab": "--out short.html", "search": "--dry-run", "sensitivity": "--trajectories 4 --replicates 1",
    "calibrate": "--waves 1 --points 64 --replicates 2 --rows 100",
}  # fmt: skip
WIDTH = "120"  #: columns of the terminal that tables are made for
LEFT_OUT = "…"
ID = re.compile("[0-9a-f]{12}")
#: What differs from one machine, or one version of the rules, to the next, and what is written instead.
ELIDED = (
    (re.compile(r"\b[0-9a-f]{12}(?:[0-9a-f]{52})?\b"), LEFT_OUT),
    (re.compile(r"(?<![\w.,])\d[\d,.]*(?= (?:s|ms|seconds|minutes|min|runs/s|core hours|MB)\b)"), LEFT_OUT),
    (re.compile(r"(?<=with )\d+(?= workers)"), LEFT_OUT),
)


class PageError(Exception):
    """A fence of a page fails, or an output has no code before it."""


def written(page: str, text: str, slow: bool = False) -> str:
    """The page with every output as its commands print it now, in the working folder, which should be empty.

    Outputs with the word `slow` are left as they are unless `slow`. Raises PageError for a fence that fails.
    """
    names: dict[str, object] = {"__name__": page}
    printed: str | None = None
    parts, end = [], 0
    for fence in FENCE.finditer(text):
        language, words, body = fence.groups()
        if "slow" in words.split() and not slow:
            continue
        parts.append(text[end : fence.start(3)])
        end = fence.end(3)
        if language == "output":
            if printed is None:
                raise PageError(f"{page}: an output without code before it: {body[:80]!r}")
            body, printed = shown(printed, words), None
        else:
            printed = outcome(page, f"{language} {words}", body, names)
        parts.append(body)
    return "".join([*parts, text[end:]])


def outcome(page: str, info: str, body: str, names: dict[str, object]) -> str | None:
    """What a fence prints, by its language and words; None for a file that is written, or is none to write."""
    language, *words = info.split()
    if language in ("toml", "csv"):
        if named := re.match(rf"# (\S+\.{language})\n", body):
            Path(named[1]).write_text(body, encoding="utf-8")
        return None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), mock.patch.dict(os.environ, {"COLUMNS": WIDTH}):
        if language == "python":
            exec(compile(body, page, "exec"), names)
        else:
            for line in commands(body):
                run(page, f"{line} {SHORT.get(line.split()[1], '')}" if "short" in words else line)
    return printed.getvalue().replace(f"{Path.cwd()}{os.sep}", "")


def commands(body: str) -> list[str]:
    """The commands of clusterpact in a fence, without comments."""
    return [line.split(" #")[0].strip() for line in body.splitlines() if line.startswith("clusterpact ")]


def run(page: str, line: str) -> None:
    """Run one command as the command line would; raises PageError if it does not end well."""
    words = [found(word) if word.endswith(LEFT_OUT) else word for word in shlex.split(line)]
    with mock.patch.object(sys, "argv", words):
        try:
            app.main()
        except SystemExit as stop:
            if stop.code:
                raise PageError(f"{page}: {line}: ends with {stop.code}") from stop


def found(word: str) -> str:
    """The one path in the working folder that is a word with an id, 12 hexadecimal digits, for its `…`."""
    beginning = word.removesuffix(LEFT_OUT)
    paths = [str(path) for path in sorted(Path().glob(f"{beginning}*")) if ID.fullmatch(str(path).removeprefix(beginning))]
    if len(paths) != 1:
        raise PageError(f"{word}: expected one path, found {paths}")
    return paths[0]


def shown(printed: str, words: str) -> str:
    """What a page holds of a printed text: the lines that its fence asks for, without what differs by machine."""
    asked = re.search(r'lines="([^"]*)"', words)
    kept: list[str] = []
    for line in printed.strip("\n").splitlines():
        if asked is None or re.search(asked[1], line):
            kept.append(elided(line).rstrip())
        elif line.strip() and kept[-1:] != [LEFT_OUT]:
            kept.append(LEFT_OUT)
    return "".join(f"{line}\n" for line in kept)


def elided(line: str) -> str:
    """A line without times, speeds and checksums."""
    for pattern, instead in ELIDED:
        line = pattern.sub(instead, line)
    return line


def renewed(page: str, slow: bool = False) -> tuple[str, str]:
    """The text of a page as it is, and as its commands, run in an empty folder, would have it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return text, written(page, text, slow)


def main() -> None:
    """Renew the outputs of pages, or check them."""
    parser = argparse.ArgumentParser(description="Run the commands of pages and record what they print.")
    parser.add_argument("pages", nargs="*", default=PAGES, help="pages, such as docs/python.md; default: all")
    parser.add_argument("--slow", action="store_true", help="fences marked slow too")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is not current")
    asked = parser.parse_args()
    stale = []
    for page in asked.pages:
        text, new = renewed(page, asked.slow)
        if new != text:
            stale.append(page)
            if not asked.check:
                (ROOT / page).write_text(new, encoding="utf-8")
    if stale:
        print(f"{', '.join(stale)}: {'not current; run: make outputs' if asked.check else 'renewed'}")
    sys.exit(1 if asked.check and stale else 0)


if __name__ == "__main__":
    main()
