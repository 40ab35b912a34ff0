"""A page about a small result whose title and description are full of markup."""

import shutil

import pytest

from tests.commands import call
from tests.results.page.opened import SCREENS, Opened
from tests.results.page.parsed import DESCRIPTION, TITLE, Parsed

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """The starter's experiment from 2025 to 2034 with 30 runs, its title and a description full of markup."""
    folder = tmp_path_factory.mktemp("report") / "region"
    assert call("new", folder) == 0
    path = folder / "experiment.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in {
        "[2026, 2050]": "[2025, 2034]",
        "2050 = 0.95\n": "",
        '"My cluster: what does a pact change?"': f"'''{TITLE}'''",
        'base = "pact"\n': f"base = \"pact\"\ndescription = '''{DESCRIPTION}'''\n",
    }.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    assert call("run", path, "--runs", 30, "-q", "--no-figures", "--threads", 1, "--out", folder / "result") == 0
    return folder / "result"


@pytest.fixture(scope="module")
def path(result):
    """The file of the page."""
    assert call("report", result, "--threads", 1) == 0
    return result / "report.html"


@pytest.fixture(scope="module")
def page(path):
    """The page, parsed."""
    return Parsed(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; what is missing is named by the reason for the skip."""
    driver = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (pip install playwright)")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser on the PATH: none of {', '.join(BROWSERS)}")
    with driver.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module", params=SCREENS.values(), ids=SCREENS)
def opened(browser, path, request):
    shown = Opened(browser, path, request.param)
    yield shown
    shown.context.close()


@pytest.fixture
def wide(browser, path):
    """The page on a desktop, for tests that change it."""
    shown = Opened(browser, path, SCREENS["desktop"])
    yield shown
    shown.context.close()
