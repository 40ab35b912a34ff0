"""`python -m tests.audit`: does any installed package have a known vulnerability? Says so where that cannot be asked.

Exit code 1 for a package with a known vulnerability that a newer version mends.
"""

import json
import subprocess
import sys

COMMAND = (sys.executable, "-m", "pip_audit", "--skip-editable", "--format", "json", "--progress-spinner", "off")
SECONDS = 180


def main() -> int:
    """Ask, and say what came of it."""
    try:
        asked = subprocess.run(COMMAND, capture_output=True, text=True, timeout=SECONDS, check=False)
        packages = json.loads(asked.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        print("pip-audit: its list of vulnerabilities cannot be reached from here; nothing was audited")
        return 0
    known = [package for package in packages if "vulns" in package]
    vulnerable = [(package, flaw) for package in known for flaw in package["vulns"] if flaw["fix_versions"]]
    for package, flaw in vulnerable:
        mended = ", ".join(flaw["fix_versions"])
        print(f"{package['name']} {package['version']}: {flaw['id']}, mended in {mended}")
    left = len(packages) - len(known)
    print(f"pip-audit: {len(known)} packages audited, {len({p['name'] for p, _ in vulnerable})} to be renewed; "
          f"{left} that the index does not tell of")  # fmt: skip
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
