"""`python -m stack.demo`: starts everything, runs the main job, prints where to look; exit 1 with the reason."""

import sys
import time

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
    print(
        f"\nThe whole job took {time.monotonic() - start:.0f} s, and the system is still running (stop it: make down)."
    )
    print_where_to_look(run, env, result)
    return 0


def print_where_to_look(run: RunDir, env: dict[str, str], result: Result) -> None:
    url = env["JIRA_EXPORT_URL"]
    print(f"""
  the PDF       {result.pdf}
  API           {url}/docs
  WebSocket     {env["JIRA_EXPORT_WS_URL"]}
  Jira Cloud    {env["SIM_CLOUD_URL"] or "(not started)"}
  Jira DC       {env["SIM_DC_URL"] or "(not started)"}
  login         {env["DEMO_EMAIL"]}  {env["DEMO_PASSWORD"]}
  all of it     {run.env}

Try it:

  . {run.env}
  TOKEN=$(curl -s {url}/api/v1/auth/login -H 'Content-Type: application/json' \\
      -d "{{\\"email\\":\\"$DEMO_EMAIL\\",\\"password\\":\\"$DEMO_PASSWORD\\"}}" | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s "{url}/api/v1/issues?q={result.word}&limit=3" -H "Authorization: Bearer $TOKEN"
  curl -sL "{url}/api/v1/issues/{result.issue["key"]}/pdf" -H "Authorization: Bearer $TOKEN" -o issue.pdf
""")


if __name__ == "__main__":
    sys.exit(main())
