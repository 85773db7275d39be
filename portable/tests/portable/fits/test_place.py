"""Files get the permissions they would have had, and what killed writers left is cleared away."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from lsst.portable.fits import FitsError, FitsWriter

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
IMAGE = np.ones((3, 4), np.float32)


def write(path):
    with FitsWriter(path) as writer:
        writer.write_image(IMAGE)


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077, 0o002])
def test_new_files_obey_the_umask(tmp_path, umask):
    path = tmp_path / "image.fits"
    code = (
        f"import os, sys; sys.path[:0] = {sys.path!r}; os.umask({umask})\n"
        "from lsst.portable.fits import FitsWriter\n"
        f"with FitsWriter({str(path)!r}) as writer: writer.write_image(None)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert mode(path) == 0o666 & ~umask


@pytest.mark.parametrize("before", [0o600, 0o640, 0o664, 0o666])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path, before):
    path = tmp_path / "image.fits"
    path.write_bytes(b"")
    path.chmod(before)
    write(path)
    assert mode(path) == before


def test_the_umask_of_the_process_is_left_alone(tmp_path, monkeypatch):
    """It belongs to all threads; a moment of another one gives their files the wrong mode."""
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("the umask was changed"))
    write(tmp_path / "image.fits")


def test_files_of_other_threads_keep_their_mode(tmp_path):
    done = threading.Event()
    wrong = []
    umask = os.umask(0o027)
    try:

        def make_files():
            for i in range(10_000):
                if done.is_set():
                    return
                path = tmp_path / f"other-{i}"
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
                if mode(path) != 0o640:
                    wrong.append(path)
                path.unlink()

        other = threading.Thread(target=make_files)
        other.start()
        for i in range(100):
            write(tmp_path / f"image-{i}.fits")
        done.set()
        other.join()
    finally:
        os.umask(umask)
    assert wrong == []


def killed_writer(folder):
    """Leave what a writer leaves that is killed before the end; return the names of the files."""
    code = (
        f"import os, signal, sys; sys.path[:0] = {sys.path!r}\n"
        "from lsst.portable.fits import FitsWriter\n"
        "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"with FitsWriter({str(folder / 'image.fits')!r}) as writer: writer.write_image(None)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode < 0
    return list(folder.iterdir())


def test_leavings_of_killed_writers(tmp_path):
    (left,) = killed_writer(tmp_path)
    assert not list(tmp_path.glob("*.fits"))
    write(tmp_path / "young.fits")
    assert left.exists()
    assert left.stat().st_size > 0
    others = [tmp_path / name for name in (".tmp-mine", ".tmp-cp_sky-notes.part", "old.fits", "data.part")]
    for path in others:
        path.touch()
    folder = tmp_path / ".tmp-cp_sky-0123456789abcdef-x.part"
    folder.mkdir()
    past = time.time() - 86400
    for path in (left, folder, *others):
        os.utime(path, (past, past))
    write(tmp_path / "other.fits")
    assert not left.exists()
    assert folder.exists()
    assert all(path.exists() for path in others)


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(FitsError, match=r"image\.fits: cannot be written: .*No space left"):
        write(tmp_path / "image.fits")
    assert list(tmp_path.iterdir()) == []
