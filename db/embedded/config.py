"""How the embedded PostgreSQL is set up: the same on every host."""

from pathlib import Path

ROLE = DATABASE = "customer_health"
PORT = 5432  # only part of the socket's file name: the server listens on no network

INITDB_OPTIONS = (
    f"--username={ROLE}",
    # Safe because the socket lies in a folder that only its owner (and root) can enter.
    "--auth=trust",
    "--encoding=UTF8",
    # Sorting by name must not depend on the host's C library.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-locale",
)

SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # One file a weekday, each emptied a week later, and no line for a statement's own error.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_min_messages": "log",
    "log_checkpoints": "off",
}


def command_line(settings: dict[str, str], socket_dir: Path) -> list[str]:
    """The server's arguments; the folder is quoted because PostgreSQL reads a list there."""
    quoted = '"' + str(socket_dir).replace('"', '""') + '"'
    every = {**settings, "unix_socket_directories": quoted}
    return [part for name, value in every.items() for part in ("-c", f"{name}={value}")]
