"""A clean copy of this repository as it stands in the working tree, and pip without a network."""

import os
import shutil
import site
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

OFFLINE = {
    **os.environ,
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads this one the wrong way round: 0 means "no isolation"
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PYTHONPATH": os.pathsep.join(dict.fromkeys([sysconfig.get_path("purelib"), *site.getsitepackages()])),
}
"""An environment in which pip installs govscan alone; its dependencies are those that the tests run with."""


def copy_to(folder: Path) -> Path:
    """Copy what git tracks or would track, commit it in a new repository there, and return the folder."""
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Commit everything in a repository."""
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=all")


def git(folder: Path, *words: str) -> str:
    """Run git in a folder; what it printed."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout
