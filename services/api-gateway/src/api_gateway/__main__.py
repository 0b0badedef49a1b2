"""`python -m api_gateway` serves."""

from api_gateway.main import run

if __name__ == "__main__":
    run()
