"""What the pages say of files, headings and rules is there; what they print is held by `test_outputs.py`."""

import re
import tomllib
from pathlib import Path

import pytest

from clusterpact.experiments.experiment import ExperimentFile, load_experiment
from clusterpact.sim.schedule import SCHEDULE
from tests.commands import ROOT

PAGES = sorted(
    path for folder, pattern in ((ROOT, "*.md"), (ROOT / "docs", "**/*.md"), (ROOT / "benchmarks", "*.md"),
                                 (ROOT / "sim", "**/*.md"), (ROOT / "tests", "**/*.md"))
    for path in folder.glob(pattern)
)  # fmt: skip


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_experiment_in_the_readme_is_valid(tmp_path: Path) -> None:
    (written,) = blocks("README.md", "toml")
    path = tmp_path / "experiment.toml"
    path.write_text(written, encoding="utf-8")
    experiment = load_experiment(str(path))
    assert [policy.name for policy in experiment.policies] == ["current-policies", "pact", "pact+guarantee"]
    assert ExperimentFile.model_validate(tomllib.loads(written)).runs == 500


def headings(text: str) -> set[str]:
    """Anchors of a page as code hosts and the site make them: small letters and digits, hyphens for blanks."""
    bare = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    titles = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title) for title in re.findall(r"^#+ (.*)$", bare, re.M)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def broken(page: Path) -> list[str]:
    """Relative links of a page that lead to no file, or to no heading of it."""
    found = []
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^()\s]+)\)", text):
        if re.match("[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        other = page.parent / file if file else page
        if not other.exists() or (anchor and anchor not in headings(other.read_text(encoding="utf-8"))):
            found.append(target)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_of_a_page_lead_to_a_file_and_a_heading(page: Path) -> None:
    assert broken(page) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# What `compare` says\n```sh\n# no heading\n```\n", encoding="utf-8")
    links = "other.md other.md#what-compare-says other.md#no-heading none.md #here #there https://example.org/none"
    page.write_text("# Here\n" + "\n".join(f"[a]({link})" for link in links.split()), encoding="utf-8")
    assert broken(page) == ["other.md#no-heading", "none.md", "#there"]


def test_every_page_is_in_the_menus_of_the_site() -> None:
    """What `make site` would warn of: pages that no menu names, and names without a page."""
    menus = {ROOT / "docs" / "index.md", *(ROOT / "docs" / "site").glob("*.md")}
    named = set()
    for menu in menus:
        for block in re.findall(r"^```{toctree}\n(.*?)^```", menu.read_text(encoding="utf-8"), re.M | re.S):
            entries = [line for line in block.splitlines() if line and not line.startswith(":")]
            named |= {(menu.parent / re.sub(r".*<(.*)>", r"\1", entry)).resolve() for entry in entries}
    made = {ROOT / "docs" / "site" / "gallery" / "index"}
    files = {found for name in named - made for found in name.parent.glob(f"{name.name}.*") if found.suffix != ".py"}
    assert len(files) == len(named - made)
    pages = {
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs" / "site").glob("*.md"),
        *(ROOT / "docs").glob("notebooks/*.ipynb"),
    }
    assert pages - files == {ROOT / "docs" / "index.md"}


@pytest.mark.parametrize("page", [page for page in PAGES if "```python" in page.read_text(encoding="utf-8")],
                         ids=lambda page: page.name)  # fmt: skip
def test_the_python_of_a_page_is_python(page: Path) -> None:
    for block in re.findall(r"^```python[^\n]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        compile(block, page, "exec")


def test_the_schedule_is_numbered_and_every_rule_says_what_it_does() -> None:
    assert [step.number for step in SCHEDULE] == list(range(1, len(SCHEDULE) + 1))
    assert SCHEDULE[0].name == "open_year"
    assert SCHEDULE[-1].name == "keep_accounts"
    assert all(step.meaning.endswith((".", ":")) or len(step.meaning) > 20 for step in SCHEDULE)
