"""Letters of names that no installed font has: counted while figures are drawn, and said once."""

MOST = 12  #: letters named one by one

UNSHOWN: set[str] = set()  #: since the last note


def note() -> str:
    """One line on the letters that figures showed as boxes since it was last asked; empty if there were none."""
    letters = sorted(UNSHOWN)
    UNSHOWN.clear()
    if not letters:
        return ""
    more = f" and {len(letters) - MOST} more" if len(letters) > MOST else ""
    return f"figures: no installed font has {' '.join(letters[:MOST])}{more}: shown as boxes (Noto Sans may have)"
