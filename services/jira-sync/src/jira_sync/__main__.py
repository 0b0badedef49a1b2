"""`python -m jira_sync` serves."""

from jira_sync.main import run

if __name__ == "__main__":
    run()
