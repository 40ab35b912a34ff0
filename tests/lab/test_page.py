"""The lab as one file: whole, small, safe from what names hold, and said in three languages."""

import base64
import gzip
import json
import re
from hashlib import sha256

import pytest

from clusterpact.inputs import InputError
from clusterpact.lab.page import MODULES, PAGE, THREAD, in_script, lab_page, together
from clusterpact.results.language import LANGUAGES

LARGEST_KB = 400
HOSTILE = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>{{wasm}}"
TEXTS = json.loads((PAGE / "texts.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page(path):
    return path.read_text(encoding="utf-8")


def test_the_page_is_small_enough_to_send(page):
    assert len(gzip.compress(page.encode(), 9)) <= LARGEST_KB * 1000


def test_the_page_names_no_address_that_it_could_ask(page):
    outside = set(re.findall(r"""(?:src|href|url|import|fetch)\s*[=(]\s*["']?(?:https?:)?//[^"' )]*""", page))
    assert outside == set()


def test_only_scripts_with_a_hash_may_run(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    run = re.findall(r"<script(?: type=\"module\")?>(.*?)</script>", page, re.DOTALL)
    assert len(run) == 2
    for script in run:
        assert f"'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'" in policy


def test_what_names_hold_ends_no_script_and_fills_no_hole(data, page):
    hostile = data | {"title": HOSTILE, "firms": [data["firms"][0] | {"name": HOSTILE}, *data["firms"][1:]]}
    made = lab_page(hostile)
    assert made.count("<script") == page.count("<script")
    assert "<img" not in made
    assert json.loads(re.search(r'id="data">(.*?)</script>', made, re.DOTALL)[1])["title"] == HOSTILE


@pytest.mark.parametrize("text", ["<!--", "</script>", "\u2028", "é"])
def test_data_come_back_as_they_were(text):
    assert json.loads(in_script({"a": text})) == {"a": text}
    assert "<" not in in_script(text)


def test_no_module_holds_what_ends_a_script():
    for name in {*MODULES, *THREAD}:
        text = (PAGE / name).read_text(encoding="utf-8")
        assert "</script" not in text, name
        assert "<!--" not in text, name
        assert "innerHTML" not in text, name


def test_every_module_is_in_the_page():
    assert {path.name for path in PAGE.glob("*.mjs")} == {*MODULES, *THREAD}


def test_a_module_that_takes_what_is_not_there_is_said():
    with pytest.raises(RuntimeError, match=r"figures takes .* from statistics, which does not give it before"):
        together(("texts.mjs", "figures.mjs", "statistics.mjs"))


def test_modules_and_functions_keep_their_size():
    for path in PAGE.glob("*.mjs"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 350, path.name
        starts = [
            k for k, line in enumerate(lines) if re.match(r"(?:  )?(?:export )?(?:async )?(?:function )?#?\w+\(.*\{$", line)
        ]
        for k in starts:
            indent = len(lines[k]) - len(lines[k].lstrip())
            end = next(n for n in range(k + 1, len(lines)) if lines[n] == " " * indent + "}")
            assert end - k < 60, (path.name, lines[k])


def test_every_text_is_there_in_every_language():
    for key, texts in TEXTS.items():
        assert list(texts) == list(LANGUAGES), key
        holes = {code: sorted(re.findall(r"\{(\w+)\}", text)) for code, text in texts.items()}
        assert all(text.strip() for text in texts.values()), key
        assert len({tuple(found) for found in holes.values()}) == 1, (key, holes)


def test_every_text_is_used_and_none_is_missing(data):
    sources = "".join((PAGE / name).read_text(encoding="utf-8") for name in (*MODULES, "index.html"))
    used = set(re.findall(r'(?:\bt\(|data-t=|\.say\()"(\w+)"', sources))
    found = set(re.findall(r"\w+", sources)) | {f"who_{one['who']}" for one in data["instruments"]}
    assert used - TEXTS.keys() == set()
    patterns = ("who_", "cause_", "outcome_")
    assert {key for key in TEXTS if key not in found and not key.startswith(patterns)} == set()
    assert {f"who_{one['who']}" for one in data["instruments"]} <= TEXTS.keys()


def test_words_of_the_data_are_translated(page):
    words = json.loads(re.search(r'id="texts">(.*?)</script>', page, re.DOTALL)[1])["words"]
    assert words["de"]["not profitable"] != "not profitable"
    assert words["fr"]["grant a share of capital cost"] != "grant a share of capital cost"


def test_another_language_than_there_is_is_refused(data):
    with pytest.raises(InputError, match="no language of the page"):
        lab_page(data, "xx")


def test_a_baseline_that_the_page_cannot_run_is_refused(data):
    fixed = [one | {"fixed": one["name"] == data["baseline"]} for one in data["policies"]]
    with pytest.raises(InputError, match=r"dunkirk: baseline .* expected another baseline"):
        lab_page(data | {"policies": fixed})


def test_what_others_wrote_is_what_the_list_says():
    vendor = PAGE / "vendor"
    sums = dict(re.findall(r"^    ([0-9a-f]{64})  (\S+)$", (vendor / "README").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(sums.values()) == {path.name for path in vendor.iterdir()} - {"README"}
    for digest, name in sums.items():
        assert sha256((vendor / name).read_bytes()).hexdigest() == digest
