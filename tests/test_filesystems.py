from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dedup.index.filesystems import network_type

if TYPE_CHECKING:
    from pathlib import Path

MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /mnt/share nfs4 rw 0 0
//server/share /mnt/my\\040files cifs rw 0 0
tmpfs /mnt/share/fast tmpfs rw 0 0
user@host: /mnt/far fuse.sshfs rw 0 0
user@host: /mnt/hidden fuse.sshfs rw 0 0
/dev/vdb /mnt/hidden xfs rw 0 0
cut
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/news", None),
        ("/mnt/share", "nfs4"),
        ("/mnt/share/not/there/yet", "nfs4"),
        ("/mnt/share2", None),
        ("/mnt/share/fast/news", None),
        ("/mnt/my files/news", "cifs"),
        ("/mnt/far/news", "fuse.sshfs"),
        ("/mnt/hidden/news", None),
    ],
)
def test_the_innermost_mount_decides(tmp_path: Path, path: str, kind: str | None) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert network_type(tmp_path.__class__(path), mounts) == kind


def test_without_a_list_all_is_local(tmp_path: Path) -> None:
    assert network_type(tmp_path, tmp_path / "absent") is None
