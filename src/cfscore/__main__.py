"""``python -m cfscore``: the same as the ``cfscore`` script."""

import sys

from cfscore.cli import main

if __name__ == "__main__":
    sys.exit(main())
