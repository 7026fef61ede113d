"""PostgreSQL refuses to run as root. Which user it runs as, and how that user gets at a folder only root may enter."""

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path


class CannotStart(Exception):
    """Something on this machine keeps the stack from starting. The message says what, and what to do."""


@dataclass(frozen=True)
class RunAs:
    """`uid` is None for "as I am". A `prefix` before the command changes the user where a plain change is not enough."""

    uid: int | None = None
    prefix: tuple[str, ...] = ()

    @property
    def change_to(self) -> int | None:
        """What to hand to subprocess as its `user`."""
        return None if self.prefix else self.uid


def _may_enter(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [path, *path.parents])


def run_as(checkout: Path, data: Path, binary: Path) -> RunAs:
    """Who is not root runs everything himself. Root lends the checkout's owner or, if that is root too, `nobody`.

    Adding a user to the system or opening root's folders to everybody, as some embedded servers do, is not ours to do.
    """
    made_by = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if made_by not in (None, os.geteuid()):
            raise CannotStart(f"{data} belongs to another user: run this as that user, or remove it.")
        return RunAs()
    user = made_by or checkout.stat().st_uid or pwd.getpwnam("nobody").pw_uid
    if _may_enter(data.parent) and _may_enter(binary.parent):
        return RunAs(user)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotStart(
            f"PostgreSQL does not run as root, and other users may not enter {data.parent}.\n"
            "Run this as an ordinary user, or move the folder to where others may enter, such as /srv or /opt."
        )
    # The capability to pass closed folders, and no other: what a mount or an open port would need stays refused.
    capabilities = (
        "--inh-caps=-all,+dac_override",
        "--ambient-caps=-all,+dac_override",
        "--bounding-set=-all,+dac_override",
        # Else access(2) asks without the capability, and initdb takes the postgres beside it for one it may not run.
        "--securebits=+no_setuid_fixup",
    )
    return RunAs(user, (setpriv, f"--reuid={user}", f"--regid={user}", "--clear-groups", *capabilities, "--"))
