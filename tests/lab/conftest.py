"""The lab of Dunkirk as a page, and a browser that shows it. Rules as plain Python make the data: nothing is compiled."""

import json
import os
import subprocess
import sys

import pytest

from clusterpact.lab.page import lab_page
from tests.lab.opened import Lab
from tests.results.page.conftest import browser
from tests.results.page.opened import SCREENS

__all__ = ["browser"]
WRITE = """
import json, sys
from clusterpact.experiments.experiment import load_experiment
from clusterpact.lab.data import lab_data
print(json.dumps(lab_data(load_experiment(sys.argv[1]))))
"""


@pytest.fixture(scope="session")
def data():
    """What the page of the experiment `dunkirk` holds."""
    command = [sys.executable, "-c", WRITE, "dunkirk"]
    done = subprocess.run(command, env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def path(data, tmp_path_factory):
    """The file of the page, in English whatever the reader's language."""
    file = tmp_path_factory.mktemp("lab") / "dunkirk.html"
    file.write_text(lab_page(data, "en"), encoding="utf-8")
    return file


@pytest.fixture(scope="module", params=SCREENS.values(), ids=SCREENS)
def shown(browser, path, request):
    """The page on a desktop and on a phone, with its first bands drawn."""
    opened = Lab(browser, path, request.param)
    yield opened
    opened.context.close()


@pytest.fixture
def lab(browser, path):
    """The page on a desktop, for tests that change it."""
    opened = Lab(browser, path, SCREENS["desktop"])
    yield opened
    opened.context.close()
