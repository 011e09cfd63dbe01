"""Becomes another program that may not outlive whoever started it; a plain script of the standard library.

Usage: python -ISs child.py IDENTITY PARENT SIGNAL PROGRAM [ARGUMENT …]

IDENTITY is how the program meets PostgreSQL's refusal to run as root:
  same       keep the user;
  namespace  a user namespace of this one process, in which root is called 1000 (files stay root's);
  nobody     the unprivileged user with the one capability to reach files (for containers without namespaces).
PARENT is the process id whose death sends SIGNAL to the program (Linux; elsewhere a left-over is ended at the
next start).

A script in between, rather than `preexec_fn`, because that one is unsafe once the parent has threads.
"""

import ctypes
import os
import pwd
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1


def main(identity: str, parent: str, signal: str, *command: str) -> None:
    """Take the identity, tie the life to the parent, become the command; exit with a reason when refused."""
    if identity == "namespace":
        _enter_namespace()
    elif identity == "nobody":
        _become_nobody()
    if sys.platform == "linux":
        # After the change of user: the kernel forgets the wish when credentials change.
        _call("prctl", PR_SET_PDEATHSIG, int(signal))
        if os.getppid() != int(parent):
            sys.exit("the process that asked for this one has ended")
    os.execv(command[0], command)  # noqa: S606  the command is the caller's, no shell is involved


def _enter_namespace() -> None:
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {uid} 1"), ("gid_map", f"1000 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _become_nobody() -> None:
    user = pwd.getpwnam("nobody")
    _call("prctl", PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << CAP_DAC_OVERRIDE
    # Effective, permitted and inheritable, low word then high word.
    _call("capset", header, (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0))
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        sys.exit(f"{name}: {os.strerror(code)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
