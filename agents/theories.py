"""Theories to choose between: decisions whose rule an experiment may name (`[rules]`), each compiled, none the only truth.

The first of each is the usual one. A run's world holds the number of the theory for each decision, and the rule asks for it.
"""

#: Per decision, its theories by name with what they say and where they come from.
THEORIES = {
    "choice": {
        "logit": "chances rise with utility, and waiting is one of the options (quantal response; model.md R4)",
        "npv": "the highest v, p = 1 as soon as it is positive; capability and signing as usual (Jorgenson 1963)",
    },
    "votes": {
        "reciprocity": "for monitoring and sanctions if it expects to keep its word as well as others do (model.md R2)",
        "interest": "for them if its own project waits for a network that is undecided or full",
    },
    "adoption": {
        "diffusion": "an instrument is adopted by itself now and then, more likely once peers saw it work (model.md R6)",
        "solitary": "the same without a look at peers (what diffusion is measured against)",
    },
}

CHOICE_NPV = list(THEORIES["choice"]).index("npv")
VOTES_INTEREST = list(THEORIES["votes"]).index("interest")
ADOPTION_SOLITARY = list(THEORIES["adoption"]).index("solitary")


def theory_numbers(chosen: dict[str, str]) -> dict[str, int]:
    """The number of the theory of every decision: the first one where none is chosen.

    Raises KeyError for an unknown decision and ValueError for an unknown theory.
    """
    for decision in chosen:
        THEORIES[decision]
    return {decision: list(named).index(chosen.get(decision, next(iter(named)))) for decision, named in THEORIES.items()}
