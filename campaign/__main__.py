"""The start of `gbg`: makes sure that the command line can be loaded, then hands over to it."""

from __future__ import annotations

import sys

from campaign import error_log, machine


def main() -> None:
    """Run the command line; its log holds no value of a record.

    Without Pango, which WeasyPrint needs when it is imported, say so and stop.
    """
    error_log.install()
    if machine.PANGO.is_there():
        from campaign import cli  # late: the commands lead to WeasyPrint

        cli.main()
        return
    from campaign import doctor  # late: a quick start where all is well

    sys.stderr.write("gbg: this machine is not ready\n")
    sys.stdout.writelines(f"{finding}\n" for finding in doctor.examine_installation())
    sys.exit(1)


if __name__ == "__main__":
    main()
