"""The commands and the code of the documentation run as written."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from clusterpact.cli import app as cli
from clusterpact.experiments.experiment import ExperimentFile, load_experiment
from clusterpact.sim.schedule import SCHEDULE
from tests.commands import ROOT

TUTORIALS = sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("tutorial-*.md"))
PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if page not in TUTORIALS and blocks(page, "python")])
def test_the_python_of_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks(page, "python")), page, "exec"), {"__name__": "docs"})


def test_the_experiment_in_the_readme_is_valid(tmp_path: Path) -> None:
    (written,) = blocks("README.md", "toml")
    path = tmp_path / "experiment.toml"
    path.write_text(written, encoding="utf-8")
    experiment = load_experiment(str(path))
    assert [policy.name for policy in experiment.policies] == ["current-policies", "pact", "pact+guarantee"]
    assert ExperimentFile.model_validate(tomllib.loads(written)).runs == 500


def commands() -> list[tuple[str, str]]:
    """Every clusterpact command of the pages, without comments."""
    found = []
    for page in (page for page in PAGES if page not in TUTORIALS):
        for block in blocks(page, "sh"):
            found += [(page, line.split("#")[0].strip()) for line in block.splitlines() if line.startswith("clusterpact")]
    return found


def test_the_commands_of_the_pages_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order of the pages; numbers of runs are cut to keep this short."""
    monkeypatch.chdir(tmp_path)
    assert len(commands()) >= 8
    for page, command in commands():
        words = shlex.split(command.replace("--runs 200", "--runs 8"))[1:]
        if words[1:] and words[1] == "runs/dunkirk-…":
            words[1] = str(
                next(path for path in (tmp_path / "runs").iterdir() if re.fullmatch("dunkirk-[0-9a-f]{12}", path.name))
            )
        if words[0] == "calibrate":
            words += ["--waves", "1", "--points", "64", "--replicates", "2", "--rows", "100"]
        if words[0] == "new" and Path(words[1]).exists():
            continue
        monkeypatch.setattr("sys.argv", ["clusterpact", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        assert stop.value.code == 0, f"{page}: {command}: {capsys.readouterr().err}"
    shown = capsys.readouterr().out
    assert "abated by 2050" in shown
    assert re.search(r"^20\d\d Q[1-4]: ", shown, re.MULTILINE)


@pytest.mark.parametrize("page", TUTORIALS)
def test_a_tutorial_runs_from_start_to_end(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files, commands and code in their order, in one empty folder, as a newcomer would."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "tutorial"}
    text = (ROOT / page).read_text(encoding="utf-8")
    for language, block in re.findall(r"```(toml|sh|python)\n(.*?)```", text, re.DOTALL):
        if language == "toml":
            Path(block.split("\n")[0].removeprefix("# ")).write_text(block, encoding="utf-8")
        elif language == "python":
            exec(compile(block, page, "exec"), names)
        else:
            for line in block.splitlines():
                monkeypatch.setattr("sys.argv", shlex.split(line))
                with pytest.raises(SystemExit) as stop:
                    cli.main()
                assert stop.value.code == 0, line


def test_links_of_the_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (ROOT / page).parent.joinpath(target).exists(), f"{page}: {target}"


def test_the_schedule_is_numbered_and_every_rule_says_what_it_does() -> None:
    assert [step.number for step in SCHEDULE] == list(range(1, len(SCHEDULE) + 1))
    assert SCHEDULE[0].name == "open_year"
    assert SCHEDULE[-1].name == "keep_accounts"
    assert all(step.meaning.endswith((".", ":")) or len(step.meaning) > 20 for step in SCHEDULE)
