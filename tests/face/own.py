"""Agents of somebody's own, in a module that other processes can import."""

import clusterpact as cp


class Idle(cp.Firm):
    """Never invests."""

    def invests(self) -> bool:
        return False


class Clumsy(cp.Firm):
    """Has a mistake in it."""

    def pledges(self) -> bool:
        raise ZeroDivisionError("clumsy")


class Forgetful(cp.Firm):
    """Answers nothing."""

    def pledges(self) -> bool:  # type: ignore[return]
        pass
