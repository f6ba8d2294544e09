"""Asks pip-audit for known vulnerabilities of what the locks install: `make audit`.

Exit status: 0 when there is none, or when the service that knows can't be reached, which is said;
1 with a line for each. A release must not depend on somebody else's server.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements-otel.lock", "requirements-dev.lock")


def main() -> int:
    """Look at every lock; the exit status."""
    found = 0
    for lock in LOCKS:
        report = audit(lock)
        if report is None:
            print(f"{lock}: not audited, the service can't be reached.")  # noqa: T201
            continue
        known = vulnerabilities(report)
        print("\n".join([f"{lock}: {len(known)} known vulnerabilities.", *known]))  # noqa: T201
        found += len(known)
    return 1 if found else 0


def audit(lock: str) -> dict[str, Any] | None:
    """What pip-audit says of a lock's packages; None where it learnt nothing."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip_audit", "--requirement", lock, "--require-hashes"]
        command += ["--disable-pip", "--format", "json", "--output", str(report)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if report.exists() and report.stat().st_size:
            told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
            return told
        print(done.stderr.strip().rpartition("\n")[2], file=sys.stderr)  # noqa: T201
        return None


def vulnerabilities(report: dict[str, Any]) -> list[str]:
    """A line for each: the package, the advisory, and the version that mends it."""
    return [
        f"  {package['name']} {package['version']}: {each['id']},"
        f" mended in {', '.join(each['fix_versions']) or 'no version yet'}"
        for package in report["dependencies"]
        for each in package.get("vulns", [])
    ]


if __name__ == "__main__":
    sys.exit(main())
