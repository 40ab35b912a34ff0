"""The lab in a real browser: it runs, it looks right on both screens, and it answers what is moved."""

import json

import numpy as np
import pytest

from clusterpact.experiments.running.shards import numbers_of, parameters_of, with_practices, world_of
from clusterpact.lab.page import PAGE, lab_page
from clusterpact.sim.runs import simulate
from tests.golden import experiment_of
from tests.lab.opened import FIRST, Lab
from tests.results.page.opened import SCREENS

SOON_S = 3.0  #: for a first band; some tenths of a second where nothing else is at work
PAPER = {"width": 680, "height": 1000}  #: px of A4 less margins of 15 mm
OUTSIDE = """Array.from(document.body.querySelectorAll("*")).filter(x => !x.closest(".scroll, .unseen, .skip, .plot, svg")
    && x.getClientRects().length && x.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(x => x.outerHTML.slice(0, 80))"""


def test_the_page_runs_from_a_disk_and_asks_for_nothing(shown, path):
    assert shown.complaints == []
    assert [url for url in shown.asked if not url.startswith("blob:")] == [path.as_uri()]
    assert shown.ask("document.compatMode") == "CSS1Compat"
    assert shown.ask("document.documentElement.lang") == "en"


def test_the_answer_is_a_sentence_that_a_screen_reader_is_told(shown):
    assert shown.ask("document.getElementById('sentence').getAttribute('aria-live')") == "polite"
    said = shown.text("#sentence")
    assert said.startswith("Cluster pact: emissions are ")
    assert "under the baseline" in said
    assert "target of 95" in said


def test_figures_are_drawn_and_told_in_words(shown):
    for place in ("emissions", "causes", "why", "plants"):
        box = shown.tab.locator(f"#{place} canvas").first.bounding_box()
        assert box["width"] > 200
        assert box["height"] > 100
        told = shown.tab.locator(f"#{place} .plot").get_attribute("aria-label")
        assert "2050" in told
        assert "NaN" not in told


def test_a_pointer_reads_the_figures(lab):
    for place, name in (("emissions", "this package"), ("why", "plants switched")):
        box = lab.tab.locator(f"#{place} .u-over")
        box.scroll_into_view_if_needed()
        box.hover()
        assert lab.text(f"#{place} .readout").startswith("2038: ")
        assert name in lab.text(f"#{place} .readout")


def test_no_number_of_the_page_is_none(shown):
    for word in ("NaN", "undefined", "Infinity", "[object"):
        assert word not in shown.text("main"), word


def test_only_boxes_scroll_sideways(shown):
    assert shown.ask("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth") <= 0
    assert shown.ask(OUTSIDE) == []


def test_no_text_is_smaller_than_12_pixels(shown):
    small = shown.ask(
        """(() => { const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
           while (walker.nextNode()) { const { parentElement: parent, data } = walker.currentNode, text = data.trim();
             if (text && parent.tagName !== "SCRIPT" && parseFloat(getComputedStyle(parent).fontSize) < 12)
               found.push(text); } return found; })()"""
    )
    assert small == []


def test_every_control_has_a_name(shown):
    nameless = shown.ask(
        """Array.from(document.querySelectorAll("input, select, button, [role=slider], [role=img], [role=group]"))
             .filter(x => !x.hidden && !x.labels?.length && !x.textContent.trim()
               && !x.getAttribute("aria-label") && !x.getAttribute("aria-labelledby"))
             .map(x => x.outerHTML)"""
    )
    assert nameless == []


def test_a_move_draws_a_first_band_soon_and_more_runs_while_idle(lab):
    lab.settled(FIRST)
    lab.move("grant_share", 0.6)
    assert lab.ask("document.querySelector('main').classList.contains('stale')")
    assert lab.wait("!document.querySelector('main').classList.contains('stale')") < SOON_S
    assert lab.text("#sentence") == "" or "Cluster pact, changed" in lab.text("#sentence")
    lab.settled(256)
    lab.wait("document.getElementById('runs').textContent.includes('256') || lab.shown[0].done > 256")
    assert "Cluster pact, changed" in lab.text("#sentence")


def test_a_move_leaves_what_nobody_wants_any_more(lab):
    lab.move("grant_share", 0.5)
    lab.move("grant_share", 0.6)
    lab.settled(256)
    left = lab.ask(
        "[...lab.pool.known.values()].filter((one) => one.policy.schedules.grant_share?.[0][1] === 0.5)[0]?.next ?? 0"
    )
    assert left < FIRST


def test_packages_and_their_baseline_meet_the_same_luck(lab):
    lab.ask("(() => { const box = document.getElementById('preset'); box.value = 'current-policies'; "
            "box.dispatchEvent(new Event('change')); })()")  # fmt: skip
    lab.settled(FIRST)
    lab.wait("document.getElementById('sentence').textContent.includes('This is the baseline')")
    assert lab.tab.locator("#money-table tbody .tied").count() == lab.tab.locator("#money-table tbody tr").count()


def test_steps_are_moved_raised_added_and_removed_on_the_keyboard(lab):
    handle = lab.tab.locator('.lever[data-name="orchestrator"] [role=slider]').first
    handle.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        lab.tab.keyboard.press(key)
    assert lab.scenario()["schedules"]["orchestrator"] == [[2028, 0.9]]
    assert handle.get_attribute("aria-valuetext") == "90\u00a0% from 2028"
    lab.tab.locator('.lever[data-name="orchestrator"] button').first.click()
    assert lab.scenario()["schedules"]["orchestrator"] == [[2028, 0.9], [2039, 0.9]]
    lab.tab.keyboard.press("PageDown")
    lab.tab.keyboard.press("Delete")
    lab.tab.keyboard.press("Home")
    assert lab.scenario()["schedules"]["orchestrator"] == [[2026, 0.9]]
    lab.tab.keyboard.press("End")
    lab.tab.keyboard.press("ArrowRight")
    assert lab.scenario()["schedules"]["orchestrator"] == [[2050, 0.9]]
    lab.tab.keyboard.press("Delete")
    assert "orchestrator" not in lab.scenario()["schedules"]
    assert lab.complaints == []


def test_a_start_is_dragged_and_undone_as_one_step(lab):
    row = lab.tab.locator('.lever[data-name="monitoring"]')
    row.scroll_into_view_if_needed()
    dot, box = row.locator(".dot").bounding_box(), row.locator("svg").bounding_box()
    y = dot["y"] + dot["height"] / 2
    lab.tab.mouse.move(dot["x"] + dot["width"] / 2, y)
    lab.tab.mouse.down()
    for share in (0.2, 0.4, 0.5):
        lab.tab.mouse.move(box["x"] + share * box["width"], y)
    lab.tab.mouse.up()
    assert lab.scenario()["schedules"]["monitoring"] == [[2038, 0.4]]
    lab.tab.locator("#undo").click()
    assert lab.scenario()["schedules"]["monitoring"] == [[2026, 0.4]]
    lab.tab.locator("#redo").click()
    assert lab.scenario()["schedules"]["monitoring"] == [[2038, 0.4]]
    assert lab.tab.locator("#redo").is_disabled()


def test_what_is_held_is_held_under_the_baseline_too(lab):
    lab.tab.locator("#what-if summary").click()
    lab.tab.locator("#held-natural_gas_price_level-on").check()
    lab.settled(FIRST)
    mine, baseline = lab.ask("lab.shown.map((one) => one.held.natural_gas_price_level)")
    assert 0 <= mine == baseline <= 1
    assert lab.text("#held-count") == "1 held"


def test_a_package_that_the_page_cannot_run_is_shown_and_no_more(browser, data, tmp_path):
    file = tmp_path / "fixed.html"
    policies = [one | {"fixed": one["name"] == "four-pillars"} for one in data["policies"]]
    file.write_text(lab_page(data | {"policies": policies}, "en"), encoding="utf-8")
    opened = Lab(browser, file, SCREENS["desktop"])
    opened.tab.locator("#preset").select_option("four-pillars")
    before = opened.scenario()
    assert "clusterpact run dunkirk runs it" in opened.text("#sentence")
    assert opened.tab.locator("#lever-orchestrator").is_disabled()
    opened.move("orchestrator", 0.5)
    assert opened.scenario() == before
    assert not opened.tab.locator("#emissions").is_visible()
    opened.tab.locator("#preset").select_option("pact")
    opened.settled(FIRST)
    opened.wait("document.getElementById('sentence').textContent.startsWith('Cluster pact')")
    complaints = opened.complaints
    opened.context.close()
    assert complaints == []


def test_a_page_says_that_its_rules_are_others_than_those_of_its_data(browser, data, tmp_path):
    own = json.loads((PAGE / "rules.json").read_text(encoding="utf-8"))["rules"]
    for rules, is_said in ((own, False), ("0" * 64, True)):
        file = tmp_path / f"{rules[:4]}.html"
        file.write_text(lab_page(data | {"rules": rules}, "en"), encoding="utf-8")
        opened = Lab(browser, file, SCREENS["desktop"])
        said = opened.tab.locator("#other-rules").is_visible()
        opened.context.close()
        assert said == is_said


def test_plants_say_what_holds_them_back(shown):
    rows = shown.tab.locator("#plants-table tbody tr")
    assert rows.count() == len(shown.ask("lab.data.firms"))
    assert "ArcelorMittal" in rows.first.inner_text()
    assert "not profitable" in shown.text("#plants-table")
    shown.tab.locator("#plant").select_option(label="Aluminium Dunkerque")
    assert shown.tab.locator("#plants .plot").get_attribute("aria-label").startswith("Aluminium Dunkerque.")


def test_each_instrument_is_weighed_by_leaving_it_out(lab):
    lab.tab.locator("#ask-matters").click()
    lab.wait("document.querySelectorAll('#matters-table tbody tr').length === 4")
    lab.wait("!document.getElementById('matters-table').textContent.includes('…')")
    assert "5 years later" in lab.text("#matters-table")
    lab.move("grant_share", 0.3)
    lab.settled(FIRST)
    lab.wait("document.querySelectorAll('#matters-table tbody tr').length === 0")


def test_four_scenarios_are_kept_and_no_fifth(lab):
    for number in range(5):
        lab.move("grant_share", 0.1 * (number + 1))
        lab.tab.locator("#scenario-title").fill(f"<b>{number}</b>")
        lab.tab.locator("#keep").click()
    assert lab.text("#message").startswith("There are 4 scenarios already")
    lab.wait("document.querySelectorAll('#saved-table tbody tr').length === 5")
    assert "<b>0</b>" in lab.text("#saved-table")
    assert lab.text("#saved-table tbody tr:last-child th") == "Baseline"
    lab.wait("!document.getElementById('saved-table').textContent.includes('…')")
    lab.tab.locator("#saved-table tbody tr").first.get_by_role("button", name="Open").click()
    assert lab.scenario()["schedules"]["grant_share"] == [[2026, 0.1]]
    assert lab.complaints == []


@pytest.mark.parametrize("code", ["fr", "de"])
@pytest.mark.parametrize("size", SCREENS.values(), ids=SCREENS)
def test_longer_words_of_other_languages_fit(browser, path, code, size):
    opened = Lab(browser, path, size)
    opened.tab.locator("#language").select_option(code)
    opened.wait("!document.querySelector('main').classList.contains('stale')")
    legend = opened.text("#emissions .legend")
    opened.ask("document.querySelectorAll('details').forEach(x => { x.open = true; })")
    outside, said = opened.ask(OUTSIDE), opened.ask("document.documentElement.lang")
    opened.tab.emulate_media(media="print")
    opened.tab.set_viewport_size(PAPER)
    printed = opened.ask("document.documentElement.scrollWidth")
    complaints = opened.complaints
    opened.context.close()
    assert outside == []
    assert said == code
    assert {"fr": "référence", "de": "Referenz"}[code] in legend
    assert printed <= PAPER["width"]
    assert complaints == []


def test_a_plant_tells_its_options_and_a_typical_run(lab):
    """The run that is told is the one in the middle, and what the batch's kernel makes of it is what is said."""
    lab.ask("(() => { const box = document.getElementById('preset'); box.value = 'four-pillars'; "
            "box.dispatchEvent(new Event('change')); })()")  # fmt: skip
    lab.settled(1000)
    firm = lab.ask("lab.data.firms.findIndex((one) => one.id === 'eqiom-lumbres')")
    lab.ask(f"(() => {{ const box = document.getElementById('plant'); box.value = '{firm}'; "
            "box.dispatchEvent(new Event('change')); })()")  # fmt: skip
    lab.wait("document.getElementById('story').textContent.includes('EQIOM')")
    lab.wait("document.querySelectorAll('#story li').length > 0")
    emitted = lab.ask("Array.from(lab.shown[0].outcome('cumulative_mt', 1000))")
    run = int(np.argmin(np.abs(np.array(emitted) - np.median(emitted))))
    assert f"run {run:,}," in lab.text("#story h3")
    experiment = experiment_of("four-pillars", run + 1)
    world = world_of(experiment, 0)
    parameters = with_practices(parameters_of(experiment, run, 1), experiment.policies[0])
    done = simulate(world, parameters, numbers_of(experiment, run, 1))
    option, decided, started = (int(number) for number in done.projects[0, firm])
    told = lab.text("#story")
    assert all(name in told for name in world.option_names[firm])
    assert ("final investment decision" in told) == (decided >= 0)
    if decided >= 0:
        assert f"{world.date(decided)} takes the final investment decision for {world.option_names[firm][option]}" in told
    assert ("starts" in told) == (0 <= started < world.quarters)
    assert f"{world.date(0)} stands at" in told
