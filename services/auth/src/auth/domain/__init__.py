"""The rules of sign-in, sessions, roles and keys: values in, decisions out, no I/O."""
