"""What tests of boards and lenders share: annuities by hand, the value that a rule finds, a firm that asks for a loan."""

from tests.worlds.small import paper

HURDLE = 0.11  #: a base rate of 6 % and a hurdle premium of 5 points, without a policy premium


def annuity(first, last, rate=HURDLE, lead=2.0):
    """Discounted years first to last of operation, after `lead` years of works."""
    return sum((1 + rate) ** -(lead + k) for k in range(first, last + 1))


def value(s, row=1, t=0):
    """Net present value of an option of firm 0 per euro of its cost, as the firm's board sees it in quarter t."""
    return paper(s, row, t).value


def asking(s, lender=0):
    """A state in which firm 0 asks a lender for its option, with debt at 5 % (a WACC of 6.5 % less 1.5 points)."""
    s.firms[0].candidate, s.firms[0].wacc, s.firms[0].lender = 1, 0.065, lender
    return s
