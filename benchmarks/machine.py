"""The machine, in words that say its class."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine, text

PACKAGES = ("duckdb", "fastapi", "numpy", "pandas", "psycopg2-binary", "sqlmodel", "streamlit")


def machine() -> str:
    """Cores and memory: `2 cores of x86_64, 24 GB of memory, Linux`."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    kilobytes = int(next(line for line in lines if line.startswith("MemTotal")).split()[1])
    cores = len(os.sched_getaffinity(0))
    memory = round(kilobytes / 1024**2)
    return f"{cores} cores of {platform.machine()}, {memory} GB of memory, {platform.system()}"


def load() -> str:
    """How busy it is with other things: the last minute's load average."""
    return f"{os.getloadavg()[0]:.1f}"


def versions(engine: Engine) -> str:
    """What runs: Python, PostgreSQL, and the packages that matter."""
    with engine.connect() as connection:
        server = connection.execute(text("SHOW server_version")).scalar_one()
    packages = [f"{name.partition('-')[0]} {version(name)}" for name in PACKAGES]
    return ", ".join([f"Python {platform.python_version()}", f"PostgreSQL {server}", *packages])
