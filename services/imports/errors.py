"""What an import can refuse as a whole."""

from services.errors import ServiceError


class ImportRefused(ServiceError):  # noqa: N818 - a refusal, named as callers say it
    """The file can't be imported; `str(error)` is one plain sentence that says where and why.

    Rows before the place it names may be in: importing the mended file counts nothing twice.
    """

    code = "import-refused"


class ImportInterrupted(ServiceError):  # noqa: N818
    """The import broke off in the middle; what it counted until then is stored."""

    code = "import-interrupted"
