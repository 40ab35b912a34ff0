"""The manifest of a result has a schema; what is not as it says is damaged."""

import json

import pytest

from clusterpact.experiments.folder.manifest import Manifest, fields, read_manifest
from clusterpact.experiments.folder.result import is_checkout
from clusterpact.inputs import InputError
from tests.commands import call
from tests.experiments.provenance.forgery import change_manifest


def names_of(data, model):
    """The fields of a manifest and of its schema must be the same, level by level."""
    optional = {name for name, entry in model.model_fields.items() if not entry.is_required()}
    assert set(data) | optional == set(model.model_fields)


def test_a_manifest_has_the_fields_of_the_schema(made):
    manifest = json.loads((made / "manifest.json").read_text())
    names_of(manifest, Manifest)
    for name in ("experiment", "machine"):
        names_of(manifest[name], Manifest.model_fields[name].annotation)
    assert "execution" in manifest
    assert all(meaning and unit for _, unit, meaning in fields())
    assert "experiment.policies[].schedules" in {name for name, _, _ in fields()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.pop("machine"), "see machine"),
        (lambda data: data.update(extra=1), "see extra"),
        (lambda data: data["experiment"].update(runs="many"), "see experiment.runs"),
        (lambda data: data["experiment"].update(targets={"2030": float("nan")}), "see experiment.targets.2030"),
        (lambda data: data["experiment"]["inputs"].update({"../../x": "0" * 64}), "see experiment.inputs"),
        (lambda data: data.update(format="2"), "see format"),
    ],
)
def test_a_manifest_that_is_not_as_the_schema_says_is_damaged(change, words, result):
    change_manifest(result, change)
    with pytest.raises(InputError, match="is damaged; expected the manifest of a result") as error:
        read_manifest(result)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("found", "words"), [(1, "an older version; run the experiment again"), (3, "a newer version")])
def test_a_manifest_of_another_format_is_told_in_one_line(found, words, result, capsys):
    change_manifest(result, lambda data: (data.update(format=found), data.pop("shard_timing")))
    for command in ("verify", "archive", "replay", "status"):
        assert call(command, result) == 2
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert f"manifest.json: format = {found}: made by {words}" in line


@pytest.mark.parametrize(
    ("project", "top", "is_ours"),
    [("clusterpact", True, True), ("clusterpact", False, False), ("somebodys", True, False), (None, True, False)],
    ids=["our own checkout", "our sources within another repository", "another project", "no project at all"],
)
def test_a_commit_is_given_only_from_a_checkout_of_this_project(project, top, is_ours, tmp_path):
    if project:
        (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "{project}"\n')
    if top:
        (tmp_path / ".git").mkdir()
    assert is_checkout(tmp_path) == is_ours


def test_a_project_file_that_cannot_be_read_is_nobodys(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project\n")
    assert not is_checkout(tmp_path)
