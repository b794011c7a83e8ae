"""A packet capture of all interfaces: what is sent, by interface and destination."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

ALL_PROTOCOLS = 0x0003
OUTGOING = 4  # PACKET_OUTGOING of linux/if_packet.h
LONGEST = 64  # bytes that are read of a packet: addresses stand before
LOOPBACK = "lo"

Packets = Counter[tuple[str, str]]  # (interface, destination) -> packets


@contextlib.contextmanager
def captured() -> Iterator[Packets]:
    """Count what is sent while the block runs. Needs root in the network's namespace."""
    packets: Packets = Counter()
    done = threading.Event()
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL_PROTOCOLS)) as wire:
        wire.settimeout(0.2)
        reader = threading.Thread(target=_read, args=(wire, packets, done))
        reader.start()
        try:
            yield packets
        finally:
            done.set()
            reader.join()


def outside(packets: Packets) -> Packets:
    """The packets that did not stay on loopback."""
    return Counter({key: count for key, count in packets.items() if key[0] != LOOPBACK})


def _read(wire: socket.socket, packets: Packets, done: threading.Event) -> None:
    while True:
        try:
            head, (interface, protocol, kind, *_) = wire.recvfrom(LONGEST)
        except TimeoutError:
            if done.is_set():
                return
            continue
        if kind == OUTGOING:
            packets[interface, _destination(protocol, head)] += 1


def _destination(protocol: int, head: bytes) -> str:
    if protocol == 0x0800:
        return str(IPv4Address(head[16:20]))
    if protocol == 0x86DD:
        return str(IPv6Address(head[24:40]))
    return f"protocol {protocol:#06x}"
