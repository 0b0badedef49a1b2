"""Takes a command of the stack (`python -m stack up`); does it and exits 1 with the reason when it cannot."""

import sys

from stack.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
