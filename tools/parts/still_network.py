"""Runs a program that hears of no network that comes or goes: ``python still_network.py PROGRAM ARGUMENTS``.

A browser breaks off what it loads when an address of the machine changes, as tests beside it change them all the time
by networks of their own. It learns of that by a netlink socket, and does without where the kernel gives it none
(seccomp(2), netlink(7)).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from typing import Final

NO_NEW_PRIVILEGES: Final = 38
SECCOMP: Final = 22
BY_FILTER: Final = 2
"""Numbers from linux/prctl.h and linux/seccomp.h."""
LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06
"""Instructions of the filter: load a word of what is asked, compare it, decide (linux/bpf_common.h)."""
NUMBER, ARCHITECTURE, FAMILY = 0, 4, 16
"""Where in ``struct seccomp_data`` a call's number, its architecture and its first argument stand."""
SOCKET: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""By machine: the architecture as linux/audit.h numbers it, and the number of ``socket``."""
NETLINK: Final = 16
ALLOWED, REFUSED = 0x7FFF0000, 0x00050000 | errno.EAFNOSUPPORT


class Instruction(ctypes.Structure):
    """``struct sock_filter``."""

    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32))


class Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(Instruction)))


def refuse_netlink() -> None:
    """Give this process, and all that it starts, no netlink socket any more, where the machine is one we know.

    Raises:
        OSError: the kernel does not take the filter.
    """
    if platform.machine() not in SOCKET:
        return
    architecture, socket = SOCKET[platform.machine()]
    instructions = [
        *((LOAD, 0, 0, ARCHITECTURE), (EQUALS, 0, 5, architecture)),
        *((LOAD, 0, 0, NUMBER), (EQUALS, 0, 3, socket)),
        *((LOAD, 0, 0, FAMILY), (EQUALS, 0, 1, NETLINK)),
        *((RETURN, 0, 0, REFUSED), (RETURN, 0, 0, ALLOWED)),
    ]
    listed = (Instruction * len(instructions))(*(Instruction(*each) for each in instructions))
    program = Program(len(instructions), listed)
    libc = ctypes.CDLL(None, use_errno=True)
    for words in ((NO_NEW_PRIVILEGES, 1, 0), (SECCOMP, BY_FILTER, ctypes.byref(program))):
        if libc.prctl(*words, 0, 0):
            raise OSError(ctypes.get_errno(), "no seccomp here")


if __name__ == "__main__":
    refuse_netlink()
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 (whoever runs this says what)
