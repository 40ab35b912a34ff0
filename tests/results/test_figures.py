"""Every figure that `run` draws is a function of a table that results have, and says which question it answers."""

import inspect

from clusterpact.results.figures import result
from clusterpact.results.figures.painters import FIGURES
from clusterpact.results.store import RECORDING, RECORDINGS


def test_every_figure_has_a_function_a_table_and_a_question():
    for name, table in FIGURES.items():
        assert table in RECORDINGS[RECORDING], name
        assert "?" in inspect.getdoc(getattr(result, name)), name
