"""`python -m stack.demo`: starts everything, runs the main job, prints where to look; exit 1 with the reason."""

import sys
import time
from urllib.parse import quote

from stack.demo.connections import PublicApi
from stack.demo.journey import Result, run_journey
from stack.demo.progress import new_steps
from stack.engine import default_stack
from stack.errors import StackError
from stack.layout import RunDir, run_dir_from_environment
from stack.plan.public_env import read_public_env
from stack.up import start_system


def main() -> int:
    run, start = run_dir_from_environment(), time.monotonic()
    try:
        steps = new_steps()
        with steps.step("Start the system") as step:
            seen: list[str] = []

            def say(line: str) -> None:
                seen.append(line)
                step.move(len(seen), 13, " ".join(line.split()[1:-2]))

            start_system(run, say, default_stack())
            step.end(f"{time.monotonic() - start:.1f} s")
        env = read_public_env(run)
        with PublicApi(env["JIRA_EXPORT_URL"]) as api:
            result = run_journey(api, env, steps, run.root / "demo")
    except StackError as err:
        print(f"make demo failed: {err}", file=sys.stderr)
        return 1
    took = time.monotonic() - start
    print(f"\nThe whole job took {took:.0f} s, and the system is still running (stop it: make down).")
    print_where_to_look(run, env, result)
    return 0


def print_where_to_look(run: RunDir, env: dict[str, str], result: Result) -> None:
    api = f"{env['JIRA_EXPORT_URL']}/api/v1"
    sent = r"""-d "{\"email\":\"$DEMO_EMAIL\",\"password\":\"$DEMO_PASSWORD\"}" """
    taken = r"""sed 's/.*"access_token":"\([^"]*\)".*/\1/'"""
    bearer = '-H "Authorization: Bearer $TOKEN"'
    print(f"""
  the PDF       {result.pdf}
  API           {env["JIRA_EXPORT_URL"]}/docs
  WebSocket     {env["JIRA_EXPORT_WS_URL"]}
  Jira Cloud    {env["SIM_CLOUD_URL"] or "(not started)"}
  Jira DC       {env["SIM_DC_URL"] or "(not started)"}
  login         {env["DEMO_EMAIL"]}  {env["DEMO_PASSWORD"]}
  Atlassian     {api}/auth/providers?tenant=demo (open a `start` in a browser)
  all of it     {run.env}

Try it:

  . {run.env}
  TOKEN=$(curl -s {api}/auth/login -H 'Content-Type: application/json' \\
      {sent}| {taken})
  curl -s "{api}/issues?q={quote(result.word)}&limit=3" {bearer}
  curl -sL "{api}/issues/{result.issue["id"]}/pdf" {bearer} -o issue.pdf
""")


if __name__ == "__main__":
    sys.exit(main())
