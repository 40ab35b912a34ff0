"""What is said of a search for packages, on the screen and on the page: every sentence is made here, from the tables."""

from typing import Any

from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.results.about import Searched
from clusterpact.results.language import _, plural
from clusterpact.results.report.advice import rows_of
from clusterpact.results.report.found_words import (
    Row,
    action,
    base,
    best,
    constraint,
    figure,
    listed,
    measure,
    named,
    objective,
    outcome,
    unit_of,
)
from clusterpact.results.report.words import count, number
from clusterpact.results.statistics.kinds import FOUND, HAND, IDLE, REGRET, SEEN, USED_UP, Aim

MOST, FEW = 0.75, 0.25  #: share of the front from which on packages have an instrument in common, and up to which hardly any
MOST_SAID = 6  #: instruments that divide packages and are said one by one
NOTABLE = 0.1  #: of the range of an objective on the front: a difference between packages that is worth a word


def found_lines(found: Searched) -> list[tuple[str, list[str]]]:
    """Everything that is said of a search, as headings with lines: what was wanted, and what the front offers."""
    groups = [(_("what was searched for"), _wanted(found)), (_("what they offer"), _offers(found))]
    if not found.front.empty:
        groups += [
            (_("against the experiment's own packages"), _against(found)),
            (_("how much of it was luck"), [_luck(found)]),
            (_("what they have in common"), _common(found)),
            (_("what divides them"), _dividing(found)),
        ]
    return [(heading, lines) for heading, lines in groups if lines]


def _wanted(found: Searched) -> list[str]:
    """What was wanted, what could be chosen, how much was tried, and why it ended."""
    wanted = found.wanted
    objectives = listed(f"{objective(found, aim)} ({unit_of(found, aim)})".removesuffix(" ()") for aim in wanted.objectives)
    text = plural("Packages with the one thing wanted: {objectives}.",
                  "Packages that nothing beats in {count} objectives at once: {objectives}.",
                  len(wanted.objectives))  # fmt: skip
    lines = [text.format(count=count(len(wanted.objectives)), objectives=objectives)]
    if any(aim.column == REGRET for aim in (*wanted.objectives, *wanted.constraints)):
        text = _("Regret in {outcome}: how much worse a package does in a future than the best of the experiment's own "
                 "packages in the same one; below zero it beats them all.")  # fmt: skip
        lines.append(text.format(outcome=found.labels[wanted.regret_of][0]))
    if wanted.constraints:
        text = _("Constraints: {constraints}.")
        lines.append(text.format(constraints=listed(constraint(found, aim) for aim in wanted.constraints)))
    else:
        lines.append(_("No constraint was set."))
    return [*lines, _free(found), _tried(found)]


def _free(found: Searched) -> str:
    """What could be chosen."""
    wanted = found.wanted
    text = plural("Free to choose: {count} instrument, how strong, and when it starts, from {first} to {last}.",
                  "Free to choose: {count} instruments, how strong each is, and when it starts, from {first} to {last}.",
                  len(wanted.instruments))  # fmt: skip
    parts = [text.format(count=count(len(wanted.instruments)), first=wanted.starts[0], last=wanted.starts[1])]
    if wanted.ends:
        parts.append(_("Instruments may end again."))
    if wanted.triggers:
        text = _("In place of a year, they may wait for a signal: {signals}.")
        parts.append(text.format(signals=listed(wanted.triggers)))
    if len(wanted.governance) > 1:
        parts.append(_("The pact may be governed by: {modes}.").format(modes=listed(map(_, wanted.governance))))
    return " ".join([*parts, _("All else is as under {baseline}.").format(baseline=base(found))])


def _tried(found: Searched) -> str:
    """How much was tried, and why it ended."""
    reasons = {
        USED_UP: _("as many packages were tried as were allowed"),
        IDLE: _("{count} generations gained no more than their interval").format(count=count(found.wanted.patience)),
        SEEN: _("all packages that can be told apart were tried"),
    }
    text = _("{packages} packages were tried in {runs} runs: {first} of each, up to {most} of those that did best. The "
             "search ended because {reason}.")  # fmt: skip
    return text.format(packages=count(found.tried), runs=count(found.runs), first=count(found.wanted.runs_first),
                       most=count(found.wanted.runs_most), reason=reasons[found.stopped])  # fmt: skip


def _offers(found: Searched) -> list[str]:
    """What the front holds: how many packages, whether they keep the constraints, the best of each objective, the middle."""
    rows = rows_of(found.front)
    if not rows:
        return [_("The front is empty: no package was found.")]
    text = plural(
        "{count} package is on the front: in the search, nothing was better in everything. It was run again in {runs} fresh "
        "futures, by which it was not chosen; only these count from here on (intervals of 95 %).",
        "{count} packages are on the front: in the search, none of them was better than another in everything. They were "
        "run again in {runs} fresh futures, by which none was chosen; only these count from here on (intervals of 95 %).",
        len(rows),
    )
    lines = [text.format(count=count(len(rows)), runs=count(found.wanted.runs_most))]
    lines += [_kept(found, aim, rows) for aim in found.wanted.constraints]
    if beaten := sum(row["dominated_by"] != "" for row in rows):
        text = plural(
            "Judged by these futures, {count} of them is no better in anything than some other package.",
            "Judged by these futures, {count} of them are no better in anything than some other package.",
            beaten,
        )
        lines.append(text.format(count=count(beaten)))  # fmt: skip
    for aim in found.wanted.objectives:
        mine, theirs = best(found, FOUND, aim), best(found, HAND, aim)
        text = _("{objective}: {package} with {figure}; of the experiment's own packages, {other} with {others}.")
        said = objective(found, aim)
        lines.append(text.format(objective=f"{said[:1].upper()}{said[1:]}", package=named(found, mine),
                                 figure=measure(found, aim, mine), other=named(found, theirs),
                                 others=measure(found, aim, theirs)))  # fmt: skip
    if middle := [row for row in rows if row["knee"]]:
        values = listed(f"{outcome(found, aim)} {measure(found, aim, middle[0])}" for aim in found.wanted.objectives)
        text = _("Most balanced, nearest to the best of every objective: {package} ({figures}).")
        lines.append(text.format(package=named(found, middle[0]), figures=values))
    return lines


def _kept(found: Searched, aim: Aim, rows: list[Row]) -> str:
    """How many packages of the front keep a constraint in fresh futures."""
    keep = sum(aim.sign * row[aim.name] <= aim.sign * aim.bound for row in rows)
    if keep:
        some, everyone = _("{count} of {all} keep to it: {constraint}."), _("All of them keep to it: {constraint}.")
        text = everyone if keep == len(rows) else some
        return text.format(count=count(keep), all=count(len(rows)), constraint=constraint(found, aim))
    nearest = min(rows, key=lambda row: float(aim.sign * row[aim.name]))
    text = _("None of them keeps to it: {constraint}. Nearest is {package} with {figure}.")
    return text.format(constraint=constraint(found, aim), package=nearest["package"],
                       figure=measure(found, aim, nearest))  # fmt: skip


def _against(found: Searched) -> list[str]:
    """Whether each of the experiment's own packages is beaten, by how many, and by which one most."""
    table, objectives = found.tables["against"], len(found.wanted.objectives)
    text = _("Beaten: some found package is told to be better in at least one objective, and worse in none, after adjusting "
             "for all {count} comparisons (Holm).")  # fmt: skip
    lines = [text.format(count=count(len(table)))]
    rivals = {str(hand): {str(mine): rows_of(rows) for mine, rows in some.groupby("package", sort=False)}
              for hand, some in table.groupby("against", sort=False)}  # fmt: skip
    best_of = {hand: _most(told) for hand, told in rivals.items()}
    beaten = [better for better, _worse, beating in best_of.values() if beating]
    if len(rivals) > 1 and beaten:
        text = _("{count} of the {all} packages are beaten, each of them in at least {least} of {objectives} objectives.")
        lines.append(text.format(count=count(len(beaten)), all=count(len(rivals)), least=min(beaten), objectives=objectives))
    return [*lines, *(_rivals(found, hand, told) for hand, told in rivals.items())]


def _counts(rows: list[Row]) -> tuple[int, int]:
    """In how many objectives a package is told to be better, and worse."""
    verdicts = [row["verdict"] for row in rows]
    return verdicts.count("better"), verdicts.count("worse")


def _most(rivals: dict[str, list[Row]]) -> tuple[int, int, list[str]]:
    """In how many objectives the best rival is better, and worse; and the rivals that beat the package, the best one first.

    Where none beats it, the best is the one that is better in most objectives, then worse in the fewest.
    """
    told = {name: _counts(rows) for name, rows in rivals.items()}
    beating = sorted((name for name, (better, worse) in told.items() if better and not worse), key=lambda one: -told[one][0])
    better, worse = max((told[name] for name in beating or told), key=lambda one: (one[0], -one[1]))
    return better, worse, beating


def _rivals(found: Searched, hand: str, rivals: dict[str, list[Row]]) -> str:
    """Who beats a package, or comes nearest to it."""
    better, worse, beating = _most(rivals)
    title = found.about.titled(hand)
    if not better:
        return _("{hand} is not beaten: no found package is told to be better in anything.").format(hand=title)
    mine = beating[0] if beating else next(name for name, rows in rivals.items() if _counts(rows) == (better, worse))
    aims = {aim.written: aim for aim in found.wanted.objectives}
    details = listed(
        _("{outcome} {figure} {verdict}").format(
            outcome=outcome(found, aims[row["objective"]]), verdict=_(row["verdict"]),
            figure=measure(found, aims[row["objective"]], row, "difference", ("low", "high")))
        for row in rivals[mine]
    )  # fmt: skip
    text = _("{hand} is not beaten. Best against it is {package}, better in {better} of {objectives} objectives and worse "
             "in {worse}: {details}.")  # fmt: skip
    if beating:
        text = _("{hand} is beaten by {count} of {all}, most by {package}, better in {better} of {objectives} objectives: "
                 "{details}.")  # fmt: skip
    return text.format(hand=title, count=count(len(beating)), all=count(len(rivals)), package=mine, better=better,
                       worse=worse, objectives=len(aims), details=details)  # fmt: skip


def _luck(found: Searched) -> str:
    """By how much the front is less ahead of the baseline than the search took it for."""
    hand, front = found.hand.set_index("package"), found.front
    parts = []
    for aim in found.wanted.objectives:
        lost = float(front[f"{aim.name}_shrinkage"].mean())
        searched = f"{aim.name}_searched"
        ahead = aim.sign * (float(hand[searched][found.about.baseline]) - float(front[searched].mean()))
        text = _("{outcome} worse by {size}") if lost > 0 else _("{outcome} better by {size}")
        if lost == 0:
            text = _("{outcome} the same")
        said = text.format(outcome=outcome(found, aim), size=figure(found, aim, abs(lost)))
        if ahead > 0:
            said = _("{change} (it seemed ahead by {lead})").format(change=said, lead=figure(found, aim, ahead))
        parts.append(said)
    text = _("A search keeps what did best in its runs, and part of that was luck (the winner's curse). Measured from "
             "{baseline}, the front did otherwise in fresh futures than in the search, on average over its packages: "
             "{changes}.")  # fmt: skip
    return text.format(baseline=base(found), changes=listed(parts))


def _common(found: Searched) -> list[str]:
    """Instruments that most packages of the front have, those that hardly any has, and how the pact is governed."""
    rows = rows_of(found.tables["instruments"])
    lines = [_used(found, row) for row in rows if row["share"] >= MOST]
    modes = found.front["governance_mode"].value_counts()
    if len(found.wanted.governance) > 1:
        text = _("The pact is governed by {modes}.")
        each, everyone = _("{mode} in {count} of {all}"), count(len(found.front))
        said = (each.format(mode=_(str(mode)), count=count(int(mine)), all=everyone) for mode, mine in modes.items())
        lines.append(text.format(modes=listed(said)))
    for text, some in (
        (_("In at most a quarter of them: {actions}."), [row for row in rows if 0 < row["share"] <= FEW]),
        (_("In none of them: {actions}."), [row for row in rows if row["share"] == 0]),
    ):
        if some:
            lines.append(text.format(actions=listed(action(row["instrument"]) for row in some)))
    return lines


def _used(found: Searched, row: Row) -> str:
    """In how many packages an instrument is, from when, and how strong."""
    parts = [_("in {count} of {all}").format(count=count(int(row["packages"])), all=count(len(found.front)))]
    if row["start"] == row["start"]:
        parts.append(_span(_("from {typical}"), row, "start", lambda value: f"{value:.0f}"))
    if row["waiting"]:
        parts.append(_("waiting for a signal in {count}").format(count=count(int(row["waiting"]))))
    if row["ended"]:
        parts.append(_("ended again in {count}").format(count=count(int(row["ended"]))))
    unit = INSTRUMENTS[row["instrument"]].unit
    said = _span(_("strength {typical}"), row, "strength", number)
    parts.append(said if unit in ("share", "-") else f"{said} {_(unit)}")
    text = _("{action}: {parts}.")
    words = action(row["instrument"])
    return text.format(action=f"{words[:1].upper()}{words[1:]}", parts=_(", ").join(parts))


def _span(text: str, row: Row, name: str, words: Any) -> str:
    """The median of what packages have, and in brackets the least and the most where they differ."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    said = text.format(typical=words(row[name]))
    return said if low == high else _("{typical} ({low} to {high})").format(typical=said, low=words(low), high=words(high))


def _dividing(found: Searched) -> list[str]:
    """Instruments that some packages of the front have and others do not, and how these packages differ.

    Those that go with the largest differences, as shares of an objective's range on the front, are said one by one.
    """
    ranges = {aim.name: float(found.front[aim.name].max() - found.front[aim.name].min()) for aim in found.wanted.objectives}
    gaps = {}
    rows = {row["instrument"]: row for row in rows_of(found.tables["instruments"]) if FEW < row["share"] < MOST}
    for name, row in rows.items():
        apart = {aim: row[f"{aim.name}_with"] - row[f"{aim.name}_without"] for aim in found.wanted.objectives}
        gaps[name] = {aim: gap for aim, gap in apart.items() if abs(gap) >= NOTABLE * ranges[aim.name] > 0}
    telling = sorted(
        (name for name in rows if gaps[name]),
        key=lambda name: -max(abs(gap) / ranges[aim.name] for aim, gap in gaps[name].items()),
    )[:MOST_SAID]
    lines = []
    for name in telling:
        differences = listed(f"{outcome(found, aim)} {figure(found, aim, gap, True)}" for aim, gap in gaps[name].items())
        text = _("{used} On average, packages with it differ from those without: {differences}.")
        lines.append(text.format(used=_used(found, rows[name]), differences=differences))
    if others := [_in(found, row) for name, row in rows.items() if name not in telling]:
        lines.append(_("In some of them: {actions}.").format(actions=listed(others)))
    return lines


def _in(found: Searched, row: Row) -> str:
    """An instrument, and in how many packages it is."""
    text = _("{action} ({count} of {all})")
    return text.format(action=action(row["instrument"]), count=count(int(row["packages"])), all=count(len(found.front)))
