"""`python -m auth` serves; `python -m auth rotate-keys` changes the signing key before its time."""

import asyncio
import sys

from auth.main import rotate_now, run

if __name__ == "__main__":
    if sys.argv[1:] == ["rotate-keys"]:
        sys.stdout.write(asyncio.run(rotate_now()) + "\n")
    elif sys.argv[1:]:
        sys.exit("usage: python -m auth [rotate-keys]")
    else:
        run()
