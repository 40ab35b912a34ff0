"""What machines read of an archive: a Frictionless data package and an RO-Crate, of the result alone, to the byte."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.archive_text import MEANINGS, citation, flat
from clusterpact.experiments.folder.manifest import Manifest
from clusterpact.experiments.folder.whole import read_sums
from clusterpact.files import checksum
from clusterpact.results.columns import meaning_of
from clusterpact.results.numbers import NUMBERS

Content = Path | bytes
DATA_PACKAGE, CRATE = "datapackage.json", "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
HEADER = f"{','.join(NUMBERS)}\n".encode()  #: of `summary.csv`; what earlier versions left there is described as a file
REPOSITORY_LICENCE = "None is given here: the depositor adds one."
KINDS = {".json": "application/json", ".jsonl": "application/jsonl", ".csv": "text/csv", ".toml": "application/toml",
         ".parquet": "application/vnd.apache.parquet", ".png": "image/png", ".svg": "image/svg+xml",
         ".md": "text/markdown"}  # fmt: skip


def data_package(experiment: Experiment, manifest: Manifest, contents: dict[str, Content]) -> bytes:
    """`datapackage.json`: every file with its size and checksum, and the columns of tables with type, unit and meaning."""
    resources = [_resource(name, content) for name, content in sorted(contents.items())]
    package = {
        "name": f"{experiment.name.lower()}-{manifest.id}", "id": manifest.id, "title": flat(experiment.title),
        "description": _description(experiment), "version": manifest.versions["clusterpact"],
        "created": manifest.started, "profile": "data-package", "resources": resources,
    }  # fmt: skip
    return _json(package)


def _resource(name: str, content: Content) -> dict[str, Any]:
    path = Path(name)
    found: dict[str, Any] = {
        "name": name.lower().replace("/", "-").replace(" ", "-"), "path": name, "description": said_of(name),
        "format": path.suffix[1:], "mediatype": KINDS.get(path.suffix, "application/octet-stream"),
        "bytes": size_of(content), "hash": f"sha256:{sha256(content)}", "profile": "data-resource",
    }  # fmt: skip
    columns = _columns(name, content)
    if columns:
        fields = [{"name": column, "type": kind, "unit": meaning_of(column)[0], "description": meaning_of(column)[1]}
                  for column, kind in columns]  # fmt: skip
        found |= {"profile": "tabular-data-resource", "schema": {"fields": fields, "missingValues": [""]}}
        found |= {"encoding": "utf-8"} if path.suffix == ".csv" else {}
    return found


def _columns(name: str, content: Content) -> list[tuple[str, str]]:
    """Columns of a table of the result with their types in Frictionless' words; none of another file."""
    if name.startswith("tables/") and isinstance(content, Path):
        return [(field.name, _type(field.type)) for field in pq.read_schema(content)]
    if name == "summary.csv" and isinstance(content, Path) and content.read_bytes().startswith(HEADER):
        return list(NUMBERS.items())
    return []


def _type(kind: Any) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    return "number" if pa.types.is_floating(kind) else "string"


def crate(experiment: Experiment, manifest: Manifest, folder: Path, contents: dict[str, Content]) -> bytes:
    """`ro-crate-metadata.json`: the data set, its files, the run that made them, and the software."""
    finished = read_sums(folder).finished or manifest.started
    parts = [{"@id": name} for name in sorted(contents)]
    files = [
        {"@id": name, "@type": "File", "name": name, "description": said_of(name), "contentSize": str(size_of(content)),
         "encodingFormat": KINDS.get(Path(name).suffix, "application/octet-stream"), "sha256": sha256(content)}
        for name, content in sorted(contents.items())
    ]  # fmt: skip
    graph = [
        {"@id": CRATE, "@type": "CreativeWork", "conformsTo": {"@id": SPECIFICATION}, "about": {"@id": "./"}},
        {"@id": "./", "@type": "Dataset", "name": flat(experiment.title), "description": _description(experiment),
         "identifier": f"{experiment.name}-{manifest.id}", "datePublished": finished[:10], "license": REPOSITORY_LICENCE,
         "creditText": citation(experiment, manifest), "hasPart": parts, "mentions": {"@id": "#run"}},
        {"@id": "#run", "@type": "CreateAction", "name": f"Simulation of {experiment.extent}",
         "instrument": {"@id": "#clusterpact"}, "startTime": manifest.started, "endTime": finished,
         "object": [part for part in parts if part["@id"].startswith("inputs/")],
         "result": [part for part in parts if part["@id"].startswith("tables/")]},
        {"@id": "#clusterpact", "@type": "SoftwareApplication", "name": "clusterpact",
         "softwareVersion": manifest.versions["clusterpact"], "license": "Apache-2.0",
         "identifier": manifest.commit or manifest.versions["clusterpact"]},
        *files,
    ]  # fmt: skip
    return _json({"@context": f"{SPECIFICATION}/context", "@graph": graph})


def _description(experiment: Experiment) -> str:
    return (f"Simulated transition paths of the industrial cluster {flat(experiment.scenario.file.title)}, "
            f"{experiment.first_year} to {experiment.last_year}: {experiment.extent}. Simulated under stated assumptions; "
            "neither forecasts nor observations.")  # fmt: skip


def said_of(name: str) -> str:
    """What a file of an archive is."""
    return MEANINGS.get(name) or ("figure" if name.startswith("figures/") else
                                  "input that the results depend on" if name.startswith("inputs/") else name)  # fmt: skip


def size_of(content: Content) -> int:
    """Bytes of a content."""
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def sha256(content: Content) -> str:
    """SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else checksum(content)


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, indent=1, ensure_ascii=False).encode()
