"""A name server for one test, as Docker's: it knows every replica of a service."""

import socket
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager


@contextmanager
def name_server(addresses: Mapping[str, Sequence[str]]) -> Iterator[int]:
    """Answers A questions for these names over UDP on a free port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.1)
        stop = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, addresses, stop))
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def _serve(
    server: socket.socket, addresses: Mapping[str, Sequence[str]], stop: threading.Event
) -> None:
    while not stop.is_set():
        try:
            question, client = server.recvfrom(512)
        except TimeoutError:
            continue
        server.sendto(_answer(question, addresses), client)


def _answer(question: bytes, addresses: Mapping[str, Sequence[str]]) -> bytes:
    """RFC 1035: the question again, then a record of ten bytes and an address for each."""
    labels, place = [], 12
    while length := question[place]:
        labels.append(question[place + 1 : place + 1 + length].decode())
        place += 1 + length
    asked = question[12 : place + 5]
    found = addresses.get(".".join(labels), ())
    header = question[:2] + struct.pack(">HHHHH", 0x8180, 1, len(found), 0, 0)
    records = (struct.pack(">HHHIH", 0xC00C, 1, 1, 1, 4) + socket.inet_aton(ip) for ip in found)
    return header + asked + b"".join(records)
