"""What is installed is what was locked, file by file, and nothing says from where."""

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from settings import PROJECT_ROOT

pytestmark = pytest.mark.unit

LISTS = sorted(path.stem for path in PROJECT_ROOT.glob("requirements*.txt"))


def locked(name: str) -> dict[str, tuple[Requirement, int]]:
    """Each requirement of a lock by its package, and how many files' hashes it names."""
    text = (PROJECT_ROOT / f"{name}.lock").read_text()
    found = {}
    for entry in re.split(r"\n(?=\S)", text):
        first = entry.partition("\\")[0].partition("\n")[0].strip()
        if first and not first.startswith("#"):
            requirement = Requirement(first)
            found[requirement.name] = (requirement, entry.count("--hash=sha256:"))
    return found


def asked(name: str) -> list[Requirement]:
    """The lines of a list, those of the lists that it includes too."""
    found = []
    for line in (PROJECT_ROOT / f"{name}.txt").read_text().splitlines():
        if line.startswith("-r "):
            found += asked(line.removeprefix("-r ").removesuffix(".txt"))
        elif line and not line.startswith("#"):
            found.append(Requirement(line))
    return found


@pytest.mark.parametrize("name", LISTS)
def test_a_lock_holds_what_its_list_asks_for(name: str) -> None:
    lock = locked(name)
    for requirement in asked(name):
        assert str(lock[requirement.name][0].specifier) == str(requirement.specifier), "make lock"
    for requirement, hashes in lock.values():
        assert str(requirement.specifier).startswith("=="), requirement
        assert hashes > 0, requirement


@pytest.mark.parametrize("name", LISTS)
def test_a_lock_names_no_place(name: str) -> None:
    text = (PROJECT_ROOT / f"{name}.lock").read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\s/", text)


def test_the_locks_agree() -> None:
    widest = locked("requirements-dev")
    for name in LISTS:
        for package, (requirement, _) in locked(name).items():
            if package in widest:
                assert requirement.specifier == widest[package][0].specifier, (name, package)


def test_what_runs_here_is_what_was_locked() -> None:
    for requirement, _ in locked("requirements-dev").values():
        if requirement.marker is None or requirement.marker.evaluate():
            assert requirement.specifier.contains(metadata.version(requirement.name)), requirement


@pytest.mark.parametrize("path", ["Makefile", "Dockerfile"])
def test_everything_is_installed_by_hash(path: str) -> None:
    text = (PROJECT_ROOT / path).read_text().replace("\\\n", " ")
    installs = [line for line in text.splitlines() if re.search(r"pip\b.* install\b", line)]
    assert installs
    assert all("--require-hashes" in line for line in installs)
    assert "-r requirements.txt" not in text
