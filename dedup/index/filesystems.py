"""Whether a directory lies on a network file system, where processes of several machines can't share it safely."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: Types of file systems without locks and shared memory that can be relied upon.
NETWORK = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
    }
    | {"fuse.ceph", "fuse.davfs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"}
    | {"smb2", "smb3", "smbfs"}
)
_MOUNTS = Path("/proc/self/mounts")


def network_type(path: Path, mounts: Path = _MOUNTS) -> str | None:
    """Type of the network file system on which a path lies, or will; None for a local one.

    Where the system does not list its mounts, it is taken for local.
    """
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    place = os.path.realpath(path)
    kind, longest = "", -1
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1])
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= longest:  # of two on one point, the later covers the other
            kind, longest = fields[2], len(point)
    return kind if kind in NETWORK else None
