"""The one error that ends a command of the stack: its text is what the user reads."""


class StackError(Exception):
    """Something outside the program stops it; the message says what, and what to do."""
