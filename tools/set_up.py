"""Make this checkout ready: system packages, `.venv` with the pinned packages, the pages' assets.

Standard library only, since it runs before anything is installed. It does what is missing and nothing else:
a stamp in `.venv` remembers for which inputs the work was done.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PACKAGE_INPUTS = ("requirements.lock", "pyproject.toml")
INPUTS = (*PACKAGE_INPUTS, "package.json", "package-lock.json", "campaign/machine.py", "tools")
OLDEST_PYTHON = (3, 11)


class SetUpError(Exception):
    """Set-up cannot go on; the message says what to do."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--tests", action="store_true", help="also what only the tests need (Chromium, Poppler)"
    )
    arguments = parser.parse_args()
    use_new_enough_python()
    stamp = VENV / ("set-up-tests.stamp" if arguments.tests else "set-up.stamp")
    key = inputs_key(INPUTS)
    if stamp.exists() and stamp.read_text() == key and PYTHON.exists():
        return
    try:
        install_system_packages(missing_system_packages(arguments.tests))
        install_wished_packages()
        install_python_packages()
        run("Assets of the web pages", [str(PYTHON), "tools/web_assets.py"])
    except SetUpError as error:
        sys.exit(f"\nSet-up stops here: {error}")
    stamp.write_text(key)
    say("Set-up is complete.")


def use_new_enough_python() -> None:
    """Go on under a newer Python of this machine where the one that started us is too old."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(19, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606  a Python of this machine, with our own arguments
    sys.exit("Set-up needs Python 3.11 or newer. On Debian 12 or newer: apt-get install python3 python3-venv")


def inputs_key(names: tuple[str, ...]) -> str:
    """What the work depends on, as a hash: the files of these names, this place, this Python."""
    digest = hashlib.sha256(f"{ROOT}\n{sys.version}\n".encode())
    for name in names:
        path = ROOT / name
        files = sorted(path.glob("*.py")) if path.is_dir() else [path]
        for file in files:
            digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()


def missing_system_packages(for_tests: bool) -> list[str]:
    """Debian's names of the packages that are not there, whoever installed their like."""
    sys.path.insert(0, str(ROOT))
    from campaign.machine import PROGRAM_NEEDS, TEST_NEEDS  # late: an old Python could not read it

    needs = PROGRAM_NEEDS + (TEST_NEEDS if for_tests else ())
    packages = [need.debian_package for need in needs if not need.is_there()]
    if not (PYTHON.exists() or succeeds([sys.executable, "-c", "import ensurepip, venv"])):
        packages.append(f"python3.{sys.version_info.minor}-venv")
    return packages


def install_wished_packages() -> None:
    """What families can do without; say so where it cannot be installed."""
    from campaign.machine import WISHED  # late, as above

    missing = [need for need in WISHED if not need.is_there()]
    try:
        install_system_packages([need.debian_package for need in missing])
    except SetUpError:
        names = ", ".join(f"{need.name} ({need.purpose})" for need in missing)
        say(f"Not installed: {names}. All else works without; gbg doctor says what is missing.")


def install_system_packages(packages: list[str]) -> None:
    """Install through apt where it is there and we may; else raise SetUpError with the command to type."""
    if not packages:
        return
    names = ", ".join(packages)
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes"]
    command += ["--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise SetUpError(f"this machine lacks what Debian calls {names}. Install it, then start again.")
    prefix = administrator()
    if prefix is None:
        typed = shlex.join(["apt-get", *command[3:]])
        raise SetUpError(f"an administrator has to type this once:\n\n  {typed}\n\nThen start again.")
    try:
        run(f"System packages: {names}", [*prefix, *command])
    except SetUpError:
        run("Package lists of apt", [*prefix, "apt-get", "update"])
        run(f"System packages: {names}", [*prefix, *command])


def administrator() -> list[str] | None:
    """The words that make a command run as administrator without a password; None where we may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def install_python_packages() -> None:
    """Fill `.venv` from the lock file: wheels with known hashes, and nothing that the lock does not name."""
    key = inputs_key(PACKAGE_INPUTS)
    done = VENV / "packages.stamp"
    if done.exists() and done.read_text() == key:
        return
    if not (PYTHON.exists() and succeeds([str(PYTHON), "-m", "pip", "--version"])):
        run("Python environment in .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    pinned = ["--require-hashes", "--only-binary", ":all:", "--requirement", "requirements.lock"]
    count = sum("==" in line for line in (ROOT / "requirements.lock").read_text().splitlines())
    run(f"{count} Python packages", [*pip, *pinned])
    run("The command gbg", [*pip, "--no-deps", "--no-build-isolation", "--editable", "."])
    done.write_text(key)


def run(label: str, command: list[str]) -> None:
    """Run quietly with one line that shows the time it takes. SetUpError has the output if it fails."""
    begun = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        output = follow(process, label, begun)
    if process.returncode:
        raise SetUpError(f"this failed:\n\n  {shlex.join(command)}\n\n{output.strip()[-3000:]}")
    say(f"{label}: {time.monotonic() - begun:.0f} s", over=True)


def follow(process: subprocess.Popen[str], label: str, begun: float) -> str:
    """Wait for the end, counting the seconds where a person looks on; return what the command printed."""
    while True:
        try:
            return process.communicate(timeout=1)[0]
        except subprocess.TimeoutExpired:
            if sys.stdout.isatty():
                print(f"\r  {label} … {time.monotonic() - begun:.0f} s", end="", flush=True)


def say(line: str, over: bool = False) -> None:
    print(f"\r  {line}    " if over and sys.stdout.isatty() else f"  {line}", flush=True)


if __name__ == "__main__":
    main()
