"""Set up the environment of this project and run one of its commands: `python3 tools/run.py book`.

This file alone is kept in syntax that old Pythons can read, so that they can be told what is missing.
"""

import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    have = "%d.%d" % sys.version_info[:2]
    sys.exit("Python 3.11 or newer is needed, and this is Python %s. Install it from https://www.python.org." % have)

from commands import main  # noqa: E402  (its modules need the version checked above)

sys.exit(main(sys.argv[1:]))
