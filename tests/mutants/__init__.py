"""Which small mistakes in a rule would no test notice? Mutants tell: `make mutants`, or `python -m tests.mutants` by itself.

A mutant is one small edit of one function (`edits.py`): a comparison or a sign turned round, a constant moved, a condition
negated, an assignment left out. With ``NUMBA_DISABLE_JIT=1`` a rule is a plain function, so a mutant is put in place by
changing the function's code in a forked process: no file is edited, nothing is imported or compiled again. First every test
is run once by itself (`trial.py`), to see how long it takes and which lines it runs; then each mutant meets the tests that
run its line, fastest first, until one fails. The tests are those of `make quick`, less what takes more than half a second:
a survivor may still be caught by a whole run (`--horizon` adds those tests), and a line that no small test runs is counted
apart.

The report (`report.py`, also in build/mutants.md) shows each survivor as `original -> mutant`. A survivor that changes
nothing anybody could see goes to explained.csv with the reason; any other one asks for a test, and the exit code is 1.
An id (module:function:line within the function:kind) and the sample of a seed stay the same under edits elsewhere.

Mutmut leaves decorated functions as they are, and Cosmic Ray starts a process of pytest per mutant: a hundred times slower.
"""
