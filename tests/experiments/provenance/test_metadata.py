"""What machines read of an archive: a data package that Frictionless takes, and a crate that RO-Crate reads."""

import json
import zipfile

import frictionless
import pyarrow.parquet as pq
import pytest
from rocrate.rocrate import ROCrate

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.archive import write_archive
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.summary import write_summary
from clusterpact.experiments.running.session import run_experiment
from clusterpact.files import checksum
from clusterpact.results.columns import meaning_of
from clusterpact.results.recorded import RECORDINGS, table_path

TYPES = {"string": "string", "bool": "boolean", "double": "number"}


@pytest.fixture(scope="module")
def top(made, tmp_path_factory):
    """An unpacked archive with its headline numbers."""
    write_summary(reopen(made), made)
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(write_archive(made, folder / "r.zip")[0]) as archive:
        archive.extractall(folder)
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def resources(top):
    """The files that the data package describes, by their path."""
    return {row["path"]: row for row in json.loads((top / "datapackage.json").read_text())["resources"]}


def test_frictionless_finds_the_data_package_valid_and_its_numbers_as_described(top):
    package = frictionless.Package(str(top / "datapackage.json"))
    assert package.to_descriptor()["id"] in top.name
    (summary,) = [resource for resource in package.resources if resource.path == "summary.csv"]
    report = summary.validate()
    assert report.valid, report.flatten(["type", "message"])
    assert [field.type for field in summary.schema.fields][:3] == ["string", "string", "number"]
    assert list(frictionless.Package.metadata_validate(package.to_descriptor())) == []


def test_every_file_has_its_size_and_checksum(top, resources):
    there = {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}
    assert there - set(resources) == {"SHA256SUMS", "datapackage.json", "ro-crate-metadata.json"}
    for name, row in resources.items():
        assert (row["bytes"], row["hash"]) == ((top / name).stat().st_size, f"sha256:{checksum(top / name)}"), name


def test_every_column_of_every_table_has_its_type_a_unit_and_a_meaning(top, resources):
    for table in RECORDINGS["quarterly"]:
        fields = resources[f"tables/{table}.parquet"]["schema"]["fields"]
        schema = pq.read_schema(table_path(top, table))
        assert [field["name"] for field in fields] == schema.names
        for field, kind in zip(fields, schema.types, strict=True):
            assert field["type"] == TYPES.get(str(kind), "integer"), field["name"]
            assert all((field["unit"], field["description"])), field["name"]


def test_a_summary_that_an_earlier_version_left_is_described_as_a_file(result, tmp_path):
    (result / "summary.csv").write_text("quantity,pact\nchance,0 (<50)\n")
    with zipfile.ZipFile(write_archive(result, tmp_path / "r.zip")[0]) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("datapackage.json")]
        rows = json.loads(archive.read(name))["resources"]
    (summary,) = [row for row in rows if row["path"] == "summary.csv"]
    assert "schema" not in summary


def test_columns_of_the_other_recordings_have_a_meaning_too(tmp_path):
    for recording in ("events", "plants"):
        folder = tmp_path / recording
        run_experiment(load_experiment("dunkirk", runs=1, recording=recording), folder)
        for table in RECORDINGS[recording]:
            for column in pq.read_schema(table_path(folder, table)).names:
                assert all(meaning_of(column)), column
    with pytest.raises(KeyError):
        meaning_of("nothing")


def test_the_crate_names_every_file_the_run_and_the_software(top, resources):
    read = ROCrate(str(top))
    assert {entity.id for entity in read.data_entities} == {*resources, "datapackage.json"}
    run, software = read.get("#run"), read.get("#clusterpact")
    assert run["instrument"].id == software.id
    assert {part.id for part in run["result"]} == {f"tables/{table}.parquet" for table in RECORDINGS["quarterly"]}
    root = read.root_dataset
    for name in ("name", "description", "datePublished", "license"):
        assert root[name], name
    graph = json.loads((top / "ro-crate-metadata.json").read_text())["@graph"]
    ids = [entity["@id"] for entity in graph]
    assert len(set(ids)) == len(ids)
