"""Whether a result was made by the rules that are here: nothing is computed for it by others."""

from pathlib import Path

from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.experiments.folder.manifest import Manifest
from clusterpact.inputs import InputError

SHOWN = 12  #: digits of a hash of the rules


def other_rules(source: str, commit: str = "", version: str = "") -> str | None:
    """What to say of a result whose rules have the hash `source`, made at a commit by a version; None if they are these."""
    if source == SOURCE_HASH:
        return None
    maker = ", ".join([*([f"commit {commit}"] if commit else []), *([f"clusterpact {version}"] if version else [])])
    return (
        f"made by other rules (result {source[:SHOWN]}, here {SOURCE_HASH[:SHOWN]}{f'; {maker}' if maker else ''}): "
        "finish it with that version, or start anew"
    )


def rules_of(manifest: Manifest) -> str | None:
    """What to say of the rules of a result; None if they are these."""
    return other_rules(manifest.experiment.source, manifest.commit, manifest.versions["clusterpact"])


def refuse_other_rules(folder: Path, manifest: Manifest) -> None:
    """Raise InputError unless a result was made by the rules that are here."""
    if (said := rules_of(manifest)) is not None:
        raise InputError(folder, "rules", None, said)
