"""The lab's page in a browser of one size."""

import time

from tests.results.page.opened import Opened

FIRST = 64  #: runs of the first band
PATIENCE_S = 60


class Lab(Opened):
    """The page, once its first bands are drawn. A page that forbids `eval` is asked again and again from outside."""

    def __init__(self, browser, path, size):
        super().__init__(browser, path, size)
        self.wait("!document.querySelector('main').classList.contains('stale')")

    def wait(self, condition, patience_s=PATIENCE_S):
        """Seconds until a condition (JavaScript) holds."""
        started = time.monotonic()
        while not self.ask(condition):
            assert time.monotonic() - started < patience_s, condition
            self.tab.wait_for_timeout(10)
        return time.monotonic() - started

    def settled(self, runs):
        """Wait for a number of runs of the package and of the baseline."""
        self.wait(f"lab.shown && Math.min(...lab.shown.map((one) => one.done)) >= {runs}")

    def text(self, selector):
        return self.tab.locator(selector).inner_text()

    def move(self, instrument, strength):
        """Move the slider of an instrument as a hand does."""
        self.ask(
            f"""(() => {{ const slider = document.getElementById("lever-{instrument}"); slider.value = {strength};
                 slider.dispatchEvent(new Event("input")); slider.dispatchEvent(new Event("change")); }})()"""
        )

    def scenario(self):
        return self.ask("structuredClone(lab.scenario)")
