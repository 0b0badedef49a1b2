"""`python -m export_worker` serves."""

from export_worker.main import run

if __name__ == "__main__":
    run()
