"""Archives of the database, in pg_dump's custom format: written, and read piece by piece."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from psycopg2.extensions import make_dsn
from sqlalchemy import Engine, text

from db.client_programs import client_programs

_END = b"\\.\n"
_COPY = re.compile(rb'COPY (?:"(?:[^"]|"")+"|[^".]+)\.(\S+) \(.*\) FROM stdin;\n')
_PIECE = 1 << 20
# Whose it is and who may see it is the target's own business.
_ANYWHERE = ("--no-owner", "--no-privileges", "--no-comments", "--no-tablespaces")
# What only psql understands, a setting that PostgreSQL 15 and 16 don't know, and the schema, which
# every database has.
_NOT_STATEMENTS = re.compile(
    r"^(?:\\(?:un)?restrict .*|SET transaction_timeout = 0;|CREATE SCHEMA .*;)\n", re.MULTILINE
)


class ArchiveError(RuntimeError):
    """An archive that can't be written, or can't be read to its end; one readable line."""


class Rows:
    """A table's rows in an archive, as the file that COPY reads from."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.count = 0
        self.whole = False

    def read(self, size: int = _PIECE) -> bytes:
        """About so many bytes; none at the end, or where the archive breaks off."""
        lines, length = [], 0
        while length < size and not self.whole:
            line = self._source.readline()
            self.whole = line == _END
            if self.whole or not line.endswith(b"\n"):
                break
            lines.append(line)
            length += len(line)
        self.count += len(lines)
        return b"".join(lines)


class Piece(NamedTuple):
    """A statement of an archive, with the rows of a table where it copies them."""

    statement: str
    table: str | None = None
    rows: Rows | None = None


def write_archive(engine: Engine, path: Path) -> None:
    """Write one moment of the product's schema into an empty file, while everybody works on.

    The password goes through the environment: a command line is for everybody to see.

    Raises:
        ArchiveError, ProgramsTooOldError: it can't be done.
    """
    with engine.connect() as connection:
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    (_, parameters) = engine.dialect.create_connect_args(engine.url)
    environment = {**os.environ, "LC_ALL": "C"}
    if password := parameters.pop("password", None):
        environment["PGPASSWORD"] = password
    command = [str(programs(engine) / "pg_dump"), "--format=custom", "--no-password"]
    command += [f"--schema={schema}", f"--dbname={make_dsn(**parameters)}"]
    command += [f"--file={path.absolute()}"]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise ArchiveError(f"pg_dump failed: {_reason(done.stderr)}")


def programs(engine: Engine) -> Path:
    """Where the programs are that understand this engine's server."""
    with engine.connect() as connection:
        number = connection.execute(text("SHOW server_version_num")).scalar_one()
    return client_programs(int(number) // 10_000)


class Archive:
    """A file that `write_archive` made."""

    def __init__(self, path: Path, programs: Path) -> None:
        self._path, self._programs = path, programs

    def definitions(self, section: str) -> str:
        """The statements of the section `pre-data` or `post-data`.

        Raises:
            ArchiveError: it is no archive, or broken.
        """
        with self._read(section) as source:
            return _NOT_STATEMENTS.sub("", source.read().decode())

    def data(self) -> Iterator[Piece]:
        """The tables' rows, which have to be read before the next piece, and what goes with them.

        Raises:
            ArchiveError: it is no archive, or not whole.
        """
        with self._read("data") as source:
            for line in source:
                if found := _COPY.fullmatch(line):
                    rows = Rows(source)
                    yield Piece(line.decode(), found[1].decode(), rows)
                    if not rows.whole:
                        break
                elif line.startswith(b"SELECT pg_catalog.setval("):
                    yield Piece(line.decode())
            else:
                return
        raise ArchiveError(f"{self._path} breaks off in the middle.")

    def counts(self) -> Mapping[str, int]:
        """How many rows of each table it holds, once it is read to its end.

        Raises:
            ArchiveError: it is no archive, or not whole.
        """
        counts = {}
        for piece in self.data():
            if piece.rows is not None and piece.table is not None:
                while piece.rows.read():
                    pass
                counts[piece.table] = piece.rows.count
        return counts

    @contextmanager
    def _read(self, section: str) -> Iterator[IO[bytes]]:
        command = [str(self._programs / "pg_restore"), f"--section={section}", "--file=-"]
        with subprocess.Popen(
            [*command, *_ANYWHERE, "--", str(self._path.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
            bufsize=_PIECE,
        ) as process:
            try:
                assert process.stdout is not None  # noqa: S101
                assert process.stderr is not None  # noqa: S101
                yield process.stdout
                reason = _reason(process.stderr.read())
                if process.wait():
                    raise ArchiveError(f"{self._path} can't be read to its end: {reason}")
            except BaseException:
                process.kill()
                raise


def _reason(said: bytes) -> str:
    """The first line that a program said of its failure."""
    lines = said.decode(errors="replace").splitlines()
    errors = [line.partition("error: ")[2] for line in lines if "error: " in line]
    return next(iter([*errors, *lines]), "it left no word")
